"""Every write of this room."""

from .joining import join, leave, put_back
from .merging import merge, unmerge

__all__ = ["join", "leave", "merge", "put_back", "unmerge"]
