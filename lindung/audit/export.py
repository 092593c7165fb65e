"""Writing the log to a file that can be verified elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

from lindung.audit.chain import Checkpoint
from lindung.audit.selectors import rows
from lindung.audit.services import checkpoint


def write(path: Path | str) -> Checkpoint:
    """Write every event as one JSON line each and a closing checkpoint line; return that checkpoint.

    The file appears only when it is whole and only its owner may read it. Events that arrive while it is written are
    left for the next export. Raises OSError when it cannot be written.
    """
    target = Path(path)
    half = target.with_name(target.name + ".part")
    head = checkpoint()
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            for row in rows(up_to=head.seq):
                file.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")
            file.write(head.to_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, target)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return head
