"""The settings of the platform, and before them what breaks a request at a test's will. Never used outside tests."""

from __future__ import annotations

from lindung.config.settings import *  # noqa: F403
from lindung.config.settings import MIDDLEWARE as _ours

MIDDLEWARE = ["tests.support.breaking.Breaking", *_ours]
