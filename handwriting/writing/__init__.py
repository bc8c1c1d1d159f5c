"""Digits as hands write them, without any data. Start at digits.py; `python -m handwriting.writing` is the command."""
