"""Synthetic Indonesian payments with labels: for tests, tuning and demonstrations."""

from lindung_redflags.synth.command import command
from lindung_redflags.synth.making import Summary, make

__all__ = ["Summary", "command", "make"]
