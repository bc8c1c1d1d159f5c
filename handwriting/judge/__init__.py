"""The judge: a network that looks at each find of the finder alone, and says whether it is a digit, and which."""
