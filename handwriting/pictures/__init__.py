"""A picture in, its digits out. Start at picture.py, then find.py."""
