"""Takes a trained network along: to phones, to other programs, and as one page that reads offline."""
