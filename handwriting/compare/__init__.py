"""Trainings side by side: their logs, the table of them, and the figure with their learning curves."""
