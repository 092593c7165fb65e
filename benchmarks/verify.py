"""Opens every acknowledged receipt in the environment of an installation and compares what lies there, byte for byte.

Reads JSON lines {"code", "answers"} on standard input; prints one JSON object: opened, missing, differing, reports,
half_written. Used by intake.py; needs the secrets of the installation.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from lindung.audit.models import Event  # noqa: E402
from lindung.reporting import answers as answering  # noqa: E402
from lindung.reporting.models import Report  # noqa: E402
from lindung.vault import receipts  # noqa: E402
from lindung.vault import services as vault  # noqa: E402
from lindung.vault.models import SealedField, SealedRecord, WrappedKey  # noqa: E402


def differs(sent: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """Names of the answers that are not equal to the byte. A single choice may be stored as a list of one."""

    def plain(value: Any) -> bytes:
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")

    return [name for name, value in sent.items() if plain(value) != plain(stored.get(name))]


def main() -> None:
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(lambda line: receipts.derive(receipts.check(line["code"])), lines))
    missing, differing = [], []
    for line, key in zip(lines, keys, strict=True):
        report = Report.objects.filter(receipt_tag=key.tag).first()
        if report is None:
            missing.append(line["code"][:4])
            continue
        opened = vault.open_with_receipt(record_id=report.record_id, receipt=key)
        stored = answering.decode(vault.get(record_id=report.record_id, keys=opened, field="answers"))
        if differs(line["answers"], stored):
            differing.append(differs(line["answers"], stored))
    records = set(SealedRecord.objects.filter(kind="report").values_list("pk", flat=True))
    with_report = set(Report.objects.values_list("record_id", flat=True))
    with_answers = set(SealedField.objects.filter(field="answers").values_list("record_id", flat=True))
    with_receipt = set(WrappedKey.objects.filter(recipient="receipt").values_list("record_id", flat=True))
    with_team = set(WrappedKey.objects.filter(recipient="team", name="reporter").values_list("record_id", flat=True))
    told = Event.objects.filter(kind="report.received").count()
    whole = with_report & with_answers & with_receipt & with_team
    json.dump(
        {
            "opened": len(lines) - len(missing),
            "missing": len(missing),
            "differing": differing[:3],
            "different": len(differing),
            "reports": Report.objects.count(),
            "half_written": len((records | with_report | with_answers | with_receipt | with_team) - whole),
            "events": told,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
