"""Every write of this room. Views, the command line and the rooms above call these functions and nothing below them.

The actor comes first and, where content is opened or written, the keyring. Each owner of a subject adds its names.
"""

from .filling import add_report
from .opening import open_from_reports
from .reading import open_case, read_all

__all__ = ["add_report", "open_case", "open_from_reports", "read_all"]
