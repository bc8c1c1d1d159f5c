"""Rules that find digits on a page. They stand behind `pictures/find.py`, which is all that others use."""
