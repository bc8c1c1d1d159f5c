"""A network that finds digits on pages. network.py builds it, targets.py says what it learns."""
