"""The archive of a backup: one tar with a manifest in front and the copy of the database behind it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lindung.cli.bootstrap import CommandError

FORMAT = 1
MANIFEST = "manifest.json"
DATA_NAMES = {"sqlite": "lindung.sqlite3", "postgresql": "lindung.pgdump"}
_CHUNK = 1 << 20
_MANIFEST_MAX = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. `checkpoint` is the head of the audit chain just before the copy was taken."""

    id: str
    created: str  # ISO 8601, whole minute, UTC
    engine: str  # "sqlite" or "postgresql"
    version: str  # of the program
    migrations: dict[str, str]  # room -> newest migration
    checkpoint: str
    size: int
    sha256: str
    format: int = FORMAT

    @property
    def data_name(self) -> str:
        return DATA_NAMES[self.engine]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write(target: Path, manifest: Manifest, data: Path) -> None:
    """Write the archive; it appears under its name only when it is whole and on the disk."""
    partial = target.with_name(target.name + ".part")
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    try:
        with open(partial, "wb", opener=_private) as raw:
            with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _add(tar, MANIFEST, len(text), io.BytesIO(text))
                with data.open("rb") as handle:
                    _add(tar, manifest.data_name, manifest.size, handle)
            raw.flush()
            os.fsync(raw.fileno())
        publish(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _add(tar: tarfile.TarFile, name: str, size: int, handle: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, handle)


def write_private(target: Path, content: bytes) -> None:
    """Write a small file that only its owner can read, whole or not at all."""
    partial = target.with_name(target.name + ".part")
    with open(partial, "wb", opener=_private) as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    publish(partial, target)


def publish(partial: Path, target: Path) -> None:
    """Give a finished file its name, and make the name itself durable."""
    os.replace(partial, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> Manifest:
    """Check an archive from end to end and return its manifest. Nothing is written.

    Raises CommandError naming what is wrong: not an archive, another format, a missing part, a wrong hash.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _manifest(tar, path)
            with _data(tar, manifest, path) as handle:
                found = hashlib.file_digest(handle, "sha256").hexdigest()  # type: ignore[arg-type]
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file.") from None
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise _damaged(path, type(error).__name__) from None
    if found != manifest.sha256:
        raise _damaged(path, f"{manifest.data_name} has another SHA-256 than the manifest says")
    return manifest


def _damaged(path: Path, reason: str) -> CommandError:
    return CommandError(f"{path}: damaged or not a backup ({reason}). Nothing was written.")


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    entry = tar.next()
    if entry is None or entry.name != MANIFEST or not entry.isfile() or entry.size > _MANIFEST_MAX:
        raise _damaged(path, "the manifest does not come first")
    handle = tar.extractfile(entry)
    fields: dict[str, Any] = json.loads(handle.read()) if handle else {}
    if fields.get("format") != FORMAT:
        raise CommandError(f"{path}: format {fields.get('format')}; this program reads format {FORMAT}.")
    manifest = Manifest(**fields)
    if manifest.engine not in DATA_NAMES:
        raise _damaged(path, "unknown kind of database")
    return manifest


def _data(tar: tarfile.TarFile, manifest: Manifest, path: Path) -> IO[bytes]:
    entry = tar.next()
    handle = tar.extractfile(entry) if entry is not None and entry.isfile() else None
    if entry is None or handle is None or entry.name != manifest.data_name or entry.size != manifest.size:
        raise _damaged(path, f"{manifest.data_name} is missing or has another size")
    return handle


def extract(path: Path, target: Path) -> None:
    """Write the copy of the database to `target`, which must not exist, and bring it to the disk."""
    with tarfile.open(path, "r:") as tar:
        manifest = _manifest(tar, path)
        with _data(tar, manifest, path) as source, open(target, "xb", opener=_private) as out:
            while piece := source.read(_CHUNK):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
    if digest(target) != manifest.sha256:
        raise _damaged(path, "it changed while it was read")
