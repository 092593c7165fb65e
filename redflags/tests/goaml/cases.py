"""Invented alerts, people and payments for the tests of the report. Nobody here exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lindung_redflags.goaml import Alert, Evidence, Hit, Party, Payment, Release, Reporter, Source, Unchecked

XSD = Path(__file__).parent / "report.xsd"
DAY = date(2026, 4, 2)
START = 1_772_326_800  # 1 March 2026, 08.00 WIB

REPORTER = Reporter(
    rentity_id="4711", name="Bank Contoh", institution_code="BCTH", city="Jakarta", first_name="Petugas",
    last_name="Contoh", email="kepatuhan@contoh.example",
)  # fmt: skip
RELEASE = Release("Petugas A", "Petugas B", "Dasar hukum contoh", "Pejabat Kepatuhan")


def client(account_id: str, **more: Any) -> Party:
    given: dict[str, Any] = {
        "holder_id": f"H{account_id}", "customer": True, "first_name": "Orang", "last_name": account_id,
        "birth_date": date(1985, 6, 1), "id_number": "0000000000000000", "nationality": "ID", "residence": "ID",
        "account_name": f"Orang {account_id}", "account_currency": "IDR", "product": "wallet",
        "opened_on": date(2025, 12, 24), "account_status": "active", "country": "ID",
    }  # fmt: skip
    return Party(account_id, **(given | more))


def outsider(account_id: str, **more: Any) -> Party:
    return Party(account_id, **({"institution_code": "LAIN", "country": "AU"} | more))


def payment(number: int, payer: str, payee: str, **more: Any) -> Payment:
    given: dict[str, Any] = {"amount": Decimal(200_000), "currency": "IDR", "amount_idr": 200_000, "channel": "ewallet"}
    return Payment(f"T{number:03}", START + number * 3600, payer_id=payer, payee_id=payee, **(given | more))


def evidence(subject_class: str = "payee", **more: Any) -> Evidence:
    """Five outsiders pay the customer K1; one of them in Australian dollars; K1 passes on to the customer K2."""
    payments = [payment(n, f"L{n}", "K1") for n in range(1, 5)]
    payments += [
        payment(5, "L5", "K1", amount=Decimal("95.5000"), currency="AUD", amount_idr=1_000_003, channel="remittance"),
        payment(6, "K1", "K2", remark="titipan"),
        payment(7, "L1", "K1", status="declined"),
    ]
    hits = (
        Hit(
            "R01", START + 5 * 3600, "5", "5", tuple(f"T{n:03}" for n in range(1, 6)), "Banyak pembayar", "Many payers",
            (Source("PPATK, Denpasar", "S", "2024-08", "dottcom.id"),),
        ),
        Hit("R06", START + 5 * 3600, "5", "5", ("T001",), "Rekening baru", "New account", (Source("Praktik", "K"),)),
    )  # fmt: skip
    parties = [client("K1"), client("K2"), *(outsider(f"L{n}") for n in range(1, 6))]
    alert = Alert(
        "ab" * 32, "K1", subject_class, hits, tuple(payments), holder_id="HK1", score=60,
        unchecked=(Unchecked("R10", "data perangkat tidak ada", "there is no device data"),),
    )  # fmt: skip
    return Evidence(replace(alert, **more), {one.account_id: one for one in parties})


def with_party(given: Evidence, account_id: str, **changes: Any) -> Evidence:
    return Evidence(given.alert, given.parties | {account_id: replace(given.parties[account_id], **changes)})
