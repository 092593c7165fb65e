"""Chooses thresholds for a number of alerts that people can look at."""
