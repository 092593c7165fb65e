"""Run as a program inside an installation by the tests of backups: sends reports, or opens mailboxes.

python senders.py send THREADS       until standard input closes; one acknowledged receipt a line
python senders.py open               reads receipts from standard input; prints `open` or `shut` for each
python senders.py erase RECEIPT      shreds one report, as a withdrawal does when its time is over
"""

from __future__ import annotations

import sys
import threading

import django

django.setup()

from lindung.reporting.models import Report  # noqa: E402
from lindung.reporting.services import mailbox, receive  # noqa: E402
from lindung.vault import receipts  # noqa: E402
from lindung.vault import services as vault  # noqa: E402

WORDS = "Contoh uji, tulisan nomor"


def send(threads: int) -> None:
    stopping = threading.Event()
    printing = threading.Lock()

    def sender(number: int) -> None:
        while not stopping.is_set():
            code = receipts.generate()
            answers = {"path": "child", "words": f"{WORDS} {code}"}
            receive(answers=answers, code=code, walk_id=code.encode(), language="id", source=str(number))
            with printing:
                print(code, flush=True)

    workers = [threading.Thread(target=sender, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    sys.stdin.read()
    stopping.set()
    for worker in workers:
        worker.join()


def show(code: str) -> str:
    visit = mailbox.enter(code, "test")
    report = Report.objects.get(pk=visit.report_id)
    keys = vault.open_with_receipt(record_id=report.record_id, receipt=visit.receipt)
    return vault.get(record_id=report.record_id, keys=keys, field="answers").decode()


def opened() -> None:
    for line in sys.stdin:
        try:
            print("open" if f"{WORDS} {line.strip()}" in show(line.strip()) else "other", flush=True)
        except Exception as error:
            print(f"shut {type(error).__name__}", flush=True)


def erase(code: str) -> None:
    report = Report.objects.get(pk=mailbox.enter(code, "test").report_id)
    vault.shred(record_id=report.record_id)


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(int(sys.argv[2]))
    elif sys.argv[1] == "open":
        opened()
    elif sys.argv[1] == "show":
        print(show(sys.stdin.read().strip()))
    else:
        erase(sys.argv[2])
