"""Settings of the test suite: cheap key derivation, secrets made for the run, no collected static files."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="lindung-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["LINDUNG_DATA_DIR"] = str(_folder)
os.environ["LINDUNG_SECRETS_DIR"] = str(_folder / "secrets")
os.environ.pop("LINDUNG_DRAFTS_PATH", None)
os.environ.pop("LINDUNG_TOMBSTONES", None)
os.environ["LINDUNG_HTTPS"] = "0"

from lindung.config.settings import *  # noqa: F403, E402

SECRET_KEY = "tests only"  # noqa: S105
ALLOWED_HOSTS = ["*"]
LINDUNG_ARGON_PASSPHRASE = (64, 1, 1)
LINDUNG_ARGON_RECEIPT = (64, 1, 1)
LINDUNG_DUTY_CACHE_SECONDS = 0
LINDUNG_STATISTICS_SECONDS = 0
STORAGES = {
    "default": {"BACKEND": "lindung.core.uploads.NoStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
