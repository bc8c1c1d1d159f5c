"""A submission to Kaggle's digit recognizer. Start at __main__.py."""
