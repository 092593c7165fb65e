"""The secrets that must not lie on the data disk: pepper, blind-index key, statistics key, Django's key.

Each is a file of its own with one line of text, so that a service manager can hand it in as a credential.
"""

from __future__ import annotations

import os
import secrets as _random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings

from lindung.vault.errors import SecretMissing
from lindung.vault.primitives import hkdf

KEY_FILES = ("pepper", "blind_index_key", "statistics_key")
FILES = (*KEY_FILES, "django_secret_key")


@dataclass(frozen=True)
class Secrets:
    """The secrets of one installation; the keys are 32 bytes each."""

    pepper: bytes = field(repr=False)
    blind_index_key: bytes = field(repr=False)
    statistics_key: bytes = field(repr=False)
    django_secret_key: str = field(repr=False)


def ensure_secrets(directory: Path | str) -> list[str]:
    """Make the folder (mode 0700) and every secret that is missing (mode 0400); return the names that were made.

    A file that exists is never written again, not even by two processes at once: each secret is written whole under
    another name and then linked into place, which fails when somebody was faster.
    """
    folder = Path(directory)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for name in FILES:
        if (folder / name).exists():
            continue
        text = _random.token_hex(32) if name in KEY_FILES else _random.token_urlsafe(48)
        half = folder / f".{name}.{os.getpid()}.{_random.token_hex(4)}"
        try:
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(half, folder / name)
            made.append(name)
        except FileExistsError:
            pass
        finally:
            half.unlink(missing_ok=True)
    if made:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _load.cache_clear()
    return made


def load_secrets(directory: Path | str | None = None) -> Secrets:
    """Return the secrets of a folder (default: settings.LINDUNG_SECRETS_DIR), read once in a process.

    Raises SecretMissing, naming the file, when one is missing or malformed.
    """
    return _load(str(directory or settings.LINDUNG_SECRETS_DIR))


def key_for(label: str) -> bytes:
    """Return a 32-byte key for one purpose of another room (for example "accounts/totp"), derived from the pepper."""
    return hkdf(load_secrets().pepper, f"room/{label}")


@cache
def _load(directory: str) -> Secrets:
    folder = Path(directory)
    return Secrets(
        pepper=_key(folder / "pepper"),
        blind_index_key=_key(folder / "blind_index_key"),
        statistics_key=_key(folder / "statistics_key"),
        django_secret_key=_text(folder / "django_secret_key"),
    )


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise SecretMissing(f"The secret {path} cannot be read. `lindung check` tells what is missing.") from None
    if not text:
        raise SecretMissing(f"The secret {path} is empty.")
    return text


def _key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(_text(path))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SecretMissing(f"The secret {path} is damaged: expected 64 hexadecimal digits.")
    return key
