"""Statements and transfers of ISO 20022, as small invented messages."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from lindung_redflags.errors import BadInput
from lindung_redflags.reading import InputFaults, open_tables
from lindung_redflags.reading.iso20022 import COLUMNS, convert
from lindung_redflags.rows import payments
from tests.test_reading_faults import NOW, write

PACS = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
  <GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-01T08:15:00.250+07:00</CreDtTm><NbOfTxs>2</NbOfTxs></GrpHdr>
  <CdtTrfTxInf>
    <PmtId><EndToEndId>NOTPROVIDED</EndToEndId><TxId>P-1</TxId></PmtId>
    <IntrBkSttlmAmt Ccy="IDR">1025050.00</IntrBkSttlmAmt><InstdAmt Ccy="AUD">100.50</InstdAmt>
    <Dbtr><Nm>Somebody</Nm><PstlAdr><Ctry>AU</Ctry></PstlAdr></Dbtr>
    <DbtrAcct><Id><Othr><Id>062000-1</Id></Othr></Id></DbtrAcct>
    <Cdtr><Nm>Somebody else</Nm></Cdtr><CdtrAgt><FinInstnId><BICFI>BANKIDJAXXX</BICFI></FinInstnId></CdtrAgt>
    <CdtrAcct><Id><Othr><Id>7001</Id></Othr></Id></CdtrAcct>
    <Purp><Cd>GIFT</Cd></Purp><RmtInf><Ustrd>uang, "kos"
 bulan ini</Ustrd><Ustrd>Maret</Ustrd></RmtInf>
  </CdtTrfTxInf>
  <CdtTrfTxInf>
    <PmtId><EndToEndId>E-2</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">7</IntrBkSttlmAmt>
    <AccptncDtTm>2026-03-01T01:00:00Z</AccptncDtTm>
    <DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct>
    <CdtrAcct><Id><Othr><Id>7001</Id></Othr></Id></CdtrAcct>
  </CdtTrfTxInf>
</FIToFICstmrCdtTrf></Document>"""

ENTRY = """<Ntry><Amt Ccy="IDR">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}<Sts>{sts}</Sts>
  <BookgDt>{booked}</BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef>{details}</Ntry>"""
PARTY = """<TxDtls><Refs>{refs}</Refs>{amount}<RltdPties><{side}><Pty><PstlAdr><Ctry>SG</Ctry></PstlAdr></Pty></{side}>
  <{side}Acct><Id><Othr><Id>{id}</Id></Othr></Id></{side}Acct></RltdPties></TxDtls>"""


def entry(way: str = "CRDT", ref: str = "R1", **more: str) -> str:
    given = {"amount": "50000", "more": "", "sts": "<Cd>BOOK</Cd>", "booked": "<DtTm>2026-03-02T10:00:00+07:00</DtTm>"}
    side = "Dbtr" if way == "CRDT" else "Cdtr"
    details = f"<NtryDtls>{PARTY.format(refs='', amount='', side=side, id='9001')}</NtryDtls>"
    return ENTRY.format(**given | {"way": way, "ref": ref, "details": details} | more)


def camt(*entries: str) -> str:
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr/>
      <Stmt><Id>S1</Id><Acct><Id><Othr><Id>7001</Id></Othr></Id><Svcr><FinInstnId><BICFI>BANKIDJA</BICFI></FinInstnId>
      </Svcr></Acct>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>"""


def table(folder: Path, message: str, **more: int) -> list[dict[str, str]]:
    (folder / "m.xml").write_text(message, "utf-8")
    count = convert(folder / "m.xml", folder / "out.csv", **more)  # type: ignore[arg-type]
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert count == len(rows)
    return rows


def test_transfers(tmp_path: Path) -> None:
    first, second = table(tmp_path, PACS)
    assert first == {
        "tx_id": "P-1", "ts": "2026-03-01T08:15:00.250+07:00", "amount": "100.50", "currency": "AUD",
        "payer_id": "062000-1", "payee_id": "7001", "payer_country": "AU", "payee_country": "ID", "channel": "bank",
        "status": "completed", "remark": 'uang, "kos" bulan ini Maret', "purpose_code": "GIFT",
    }  # fmt: skip
    assert [second[name] for name in ("tx_id", "ts", "amount", "currency", "payer_country", "payee_country")] == [
        "E-2", "2026-03-01T01:00:00Z", "7", "EUR", "DE", "",
    ]  # fmt: skip


def test_entries_of_a_statement_both_ways(tmp_path: Path) -> None:
    came, went = table(tmp_path, camt(entry("CRDT", "R1"), entry("DBIT", "R2")))
    assert [came[name] for name in ("tx_id", "payer_id", "payee_id", "payer_country", "payee_country")] == [
        "R1", "9001", "7001", "SG", "ID",
    ]  # fmt: skip
    assert (came["amount"], came["currency"]) == ("50000", "IDR")
    assert [went[n] for n in ("tx_id", "payer_id", "payee_id", "payer_country", "payee_country")] == [
        "R2", "7001", "9001", "ID", "SG",
    ]  # fmt: skip


def test_a_reversal_keeps_the_way_of_the_payment_and_what_is_not_booked_is_left_out(tmp_path: Path) -> None:
    back = entry("CRDT", "R1", more="<RvslInd>true</RvslInd>").replace("Dbtr", "Cdtr")
    (row,) = table(tmp_path, camt(back, entry(sts="<Cd>PDNG</Cd>"), entry(sts="INFO")))
    assert [row[name] for name in ("payer_id", "payee_id", "status")] == ["7001", "9001", "reversed"]


def test_an_entry_of_several_payments(tmp_path: Path) -> None:
    parts = "".join(
        PARTY.format(refs=refs, amount=f'<Amt Ccy="IDR">{amount}</Amt>', side="Dbtr", id=f"900{amount}")
        for refs, amount in (("<UETR>u-1</UETR>", 1), ("", 2), ("<EndToEndId>NOTPROVIDED</EndToEndId>", 3))
    )
    rows = table(tmp_path, camt(entry(), entry(ref="R9", amount="6", details=f"<NtryDtls>{parts}</NtryDtls>")))
    assert [(row["tx_id"], row["amount"], row["payer_id"]) for row in rows[1:]] == [
        ("u-1", "1", "9001"), ("S1/2/2", "2", "9002"), ("S1/2/3", "3", "9003"),
    ]  # fmt: skip


def test_times_without_a_zone_take_the_one_that_is_given_and_days_stay_days(tmp_path: Path) -> None:
    message = camt(
        entry(ref="a", booked="<DtTm>2026-03-02T10:00:00</DtTm>"), entry(ref="b"),
        entry(ref="c", booked="<Dt>2026-03-02</Dt>"), entry(ref="d", booked="<DtTm>2026-03-02T10:00:00-03:30</DtTm>"),
    )  # fmt: skip
    days = "2026-03-02", "2026-03-02T10:00:00-03:30"
    assert [row["ts"] for row in table(tmp_path, message, utc_offset=-210)] == [
        "2026-03-02T10:00:00-03:30", "2026-03-02T10:00:00+07:00", *days,
    ]  # fmt: skip
    assert [row["ts"] for row in table(tmp_path, message)] == [
        "2026-03-02T10:00:00", "2026-03-02T10:00:00+07:00", *days,
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_converted_is_read_and_what_is_left_open_is_told(tmp_path: Path, suffix: str) -> None:
    fee = entry("DBIT", "fee", details="")
    (tmp_path / "m.xml").write_text(camt(entry(ref="R1"), fee, entry(ref="R3", booked="<Dt>2026-03-02</Dt>")))
    assert convert(tmp_path / "m.xml", tmp_path / f"t.{suffix}") == 3
    accounts = write(tmp_path / "a.csv", [{"account_id": "7001", "kind": "person"}])
    with pytest.raises(InputFaults) as caught:
        open_tables(duckdb.connect(), tmp_path / f"t.{suffix}", accounts, now=NOW)
    assert [fault.column for fault in caught.value.faults] == ["payee_id", "ts"]
    connection = duckdb.connect()
    quality = open_tables(connection, tmp_path / f"t.{suffix}", accounts, reject=tmp_path / "r.csv", now=NOW)
    assert [(row.tx_id, row.t, row.amount) for row in payments(connection)] == [("R1", 1772420400, 500_000_000)]
    assert quality.rejected["transactions"] == 2


def test_a_message_without_entries_gives_an_empty_table(tmp_path: Path) -> None:
    assert table(tmp_path, camt()) == []
    assert (tmp_path / "out.csv").read_text().strip() == ",".join(COLUMNS)


ENTITY = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "zzz">]>'


@pytest.mark.parametrize(("message", "expected"), [
    (camt(entry())[:-30], "well-formed XML"), ("", "well-formed XML"), ("tx_id,ts\n", "well-formed XML"),
    ("<Document/>", "a message camt.053 or pacs.008"),
    (camt(entry()).replace("BkToCstmrStmt", "BkToCstmrAcctRpt"), "camt.053"),
    (ENTITY + camt(entry(ref="&x;")), "without a document type"),
    (ENTITY + camt(entry(ref="&y;")), "without a document type"),
])  # fmt: skip
def test_what_is_no_message_is_refused_and_leaves_nothing(tmp_path: Path, message: str, expected: str) -> None:
    (tmp_path / "m.xml").write_text(message)
    for out in ("out.csv", "out.parquet"):
        with pytest.raises(BadInput, match=expected):
            convert(tmp_path / "m.xml", tmp_path / out)
    assert [path.name for path in tmp_path.iterdir()] == ["m.xml"]


def test_names_of_files_are_checked(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="that exists"):
        convert(tmp_path / "none.xml", tmp_path / "out.csv")
    with pytest.raises(BadInput, match="ends in"):
        convert(tmp_path / "none.xml", tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []
