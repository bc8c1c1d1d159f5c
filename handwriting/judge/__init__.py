"""The judge: a network that looks at each find of the finder alone. It says which digit it is, and which ink is its."""
