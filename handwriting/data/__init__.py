"""Files in, training, validation and test images out. Start at load.py."""
