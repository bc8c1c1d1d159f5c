"""Scores and figures of a training, and the tables and diagrams of a network's layers."""
