"""Typed access to what this room knows."""
from lindung.core.knowledge import Labelled


def platforms() -> dict[str, Labelled]:
    return {}
