"""The settings of the platform, but a report may be sent one second after it was begun. Never used outside tests.

For browser tests that need a report in the inbox and not the wait before it; the wait itself is shown with the real
settings in tests/browser/test_for_everyone.py and test_shared_phone.py.
"""

from __future__ import annotations

from lindung.config.settings import *  # noqa: F403

LINDUNG_WALK_MIN_SECONDS = 1
