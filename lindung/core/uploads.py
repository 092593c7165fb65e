"""Files are refused by design: whatever is uploaded is thrown away chunk by chunk and never held or written."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.storage import Storage
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class RefuseUploads(FileUploadHandler):
    """Skips every file of a multipart form and remembers on the request that there was one."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.request is not None:
            self.request.refused_upload = True  # type: ignore[attr-defined]
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


class NoStorage(Storage):
    """A file storage that holds nothing: a model field that tried to keep a file would fail loudly."""

    def _open(self, name: str, mode: str = "rb") -> IO[bytes]:
        raise OSError("This platform keeps no files.")

    def _save(self, name: str, content: Any) -> str:
        raise OSError("This platform keeps no files.")
