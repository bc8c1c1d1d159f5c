"""The judge: a network that looks at each find alone. It says which digit it is, and which ink is its own."""
