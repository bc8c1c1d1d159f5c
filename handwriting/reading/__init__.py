"""Digits in, readings out. Start at reader.py; networks.py has the networks, results.py and sheet.py what is shown."""
