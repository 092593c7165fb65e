"""Fixtures of the tests that belong to no room."""

from __future__ import annotations

from tests.support.matrix import world

__all__ = ["world"]
