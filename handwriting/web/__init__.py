"""The page to draw on: its server, and in page/ what the browser gets."""
