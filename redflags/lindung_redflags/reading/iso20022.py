"""ISO 20022 account statements (camt.053) and customer credit transfers (pacs.008) as a table of transactions.

Any version of the two messages is read, since only names that all versions share are looked at. The file is read as a
stream; a document type, and with it every entity, is refused. Nothing is checked here: what a message leaves open
stays empty in the table, and reading the table tells it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.errors import BadInput, RedflagsError
from lindung_redflags.reading.sources import pattern

if TYPE_CHECKING:
    from lxml import etree

COLUMNS = (
    "tx_id", "ts", "amount", "currency", "payer_id", "payee_id", "payer_country", "payee_country", "channel", "status",
    "remark", "purpose_code",
)  # fmt: skip

_STATEMENT, _TRANSFERS = "BkToCstmrStmt", "FIToFICstmrCdtTrf"
_PIECES = {_STATEMENT: "Ntry", _TRANSFERS: "CdtTrfTxInf"}
_NOT_GIVEN = "NOTPROVIDED"


def convert(path: str | Path, out: str | Path, *, channel: str = "bank", utc_offset: int | None = None) -> int:
    """Write the payments of a message to a CSV or Parquet file, by suffix; return how many there are.

    `utc_offset`: minutes east of UTC for times that bear no zone; without it they stay as they are, and reading the
    table refuses them. Entries of a statement that are not booked are left out: they come again when they are. Raises
    BadInput when the file is none of the two messages; nothing is written then.
    """
    given, target = Path(path), Path(out)
    if target.suffix.lower() not in {".csv", ".parquet"}:
        raise BadInput(f"{target}: expected a name that ends in .csv or .parquet")
    unfinished = target.with_name(f".{target.name}.unfinished")
    rows = unfinished.with_name(f"{unfinished.name}.csv")
    count = 0
    try:
        with rows.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for row in _payments(given, utc_offset):
                writer.writerow(row | {"channel": channel})
                count += 1
        if target.suffix.lower() == ".parquet":
            columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
            source = (
                f"read_csv({text(pattern(rows))}, auto_detect = false, header = true, delim = ',', quote = '\"', "
                f"escape = '\"', new_line = '\\n', columns = {{{columns}}})"
            )
            with duckdb.connect() as connection:
                connection.execute(f"COPY (FROM {source}) TO {text(unfinished)} (FORMAT parquet)")
            unfinished.replace(target)
        else:
            rows.replace(target)
    finally:
        rows.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return count


def _payments(path: Path, utc_offset: int | None) -> Iterator[dict[str, str]]:
    try:
        from lxml import etree
    except ImportError as error:
        raise RedflagsError("reading ISO 20022 needs lxml: install lindung-redflags[iso20022]") from error
    tags = ["{*}Stmt", *(f"{{*}}{name}" for pair in _PIECES.items() for name in pair)]
    message, number = "", 0
    try:
        walk = etree.iterparse(
            str(path), events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for event, element in walk:
            name = etree.QName(element).localname
            if event == "start":
                document = element.getroottree().docinfo
                if document.doctype or document.internalDTD is not None:
                    raise BadInput(f"{path}: expected a message without a document type")
                message = name if name in _PIECES else message
                number = 0 if name == "Stmt" else number
            elif name == _PIECES.get(message):
                number += 1
                if message == _STATEMENT:
                    yield from _statement(element, number, utc_offset)
                else:
                    yield from _transfer(element, utc_offset)
                _forget(element)
    except OSError as error:
        raise BadInput(f"{path}: expected a file that exists and can be read") from error
    except etree.XMLSyntaxError as error:
        raise BadInput(f"{path}, line {error.lineno}: expected well-formed XML") from None
    if not message:
        raise BadInput(f"{path}: expected a message camt.053 or pacs.008 of ISO 20022")


def _forget(element: etree._Element) -> None:
    """Free what has been read; the empty element that stays takes little."""
    element.clear()


def _at(element: etree._Element | None, *paths: str) -> str:
    """The text at the first of the paths that has one."""
    for path in paths:
        found = element.find("/".join(f"{{*}}{name}" for name in path.split("/"))) if element is not None else None
        if found is not None and (said := (found.text or "").strip()):
            return said
    return ""


def _first(element: etree._Element, *paths: str) -> etree._Element | None:
    for path in paths:
        found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
        if found is not None:
            return found
    return None


def _account(element: etree._Element | None) -> str:
    return _at(element, "Id/IBAN", "Id/Othr/Id", "Prxy/Id")


def _country(party: etree._Element | None, account: etree._Element | None, agent: etree._Element | None) -> str:
    """The country of a party, else of the account's IBAN, else of the bank's BIC."""
    bic = _at(agent, "FinInstnId/BICFI", "FinInstnId/BIC")
    return (
        _at(party, "PstlAdr/Ctry", "Pty/PstlAdr/Ctry", "CtryOfRes", "Pty/CtryOfRes")
        or _at(account, "Id/IBAN")[:2]
        or (bic[4:6] if len(bic) in {8, 11} else "")
    )


def _time(said: str, utc_offset: int | None) -> str:
    """A time with the offset that was given, if it has none of its own; a mere day stays one."""
    if utc_offset is None or "T" not in said or said.endswith("Z") or "+" in said or "-" in said[said.index("T") :]:
        return said
    hours, minutes = divmod(abs(utc_offset), 60)
    return f"{said}{'-' if utc_offset < 0 else '+'}{hours:02}:{minutes:02}"


def _remark(element: etree._Element) -> str:
    return " ".join(" ".join(part.text.split()) for part in element.findall("{*}RmtInf/{*}Ustrd") if part.text)


def _ids(element: etree._Element, *paths: str) -> str:
    return next((said for path in paths if (said := _at(element, path)) and said != _NOT_GIVEN), "")


def _sides(element: etree._Element, parties: etree._Element, agents: etree._Element, side: str) -> tuple[str, str]:
    """Account and country of the debtor (`Dbtr`) or the creditor (`Cdtr`)."""
    account = _first(parties, f"{side}Acct")
    return _account(account), _country(_first(parties, side), account, _first(agents, f"{side}Agt"))


def _transfer(element: etree._Element, utc_offset: int | None) -> Iterator[dict[str, str]]:
    """One transfer of pacs.008: the amount that was instructed, else the one that was settled."""
    amount = _first(element, "InstdAmt", "IntrBkSttlmAmt")
    payer, payee = _sides(element, element, element, "Dbtr"), _sides(element, element, element, "Cdtr")
    yield {
        "tx_id": _ids(element, "PmtId/UETR", "PmtId/TxId", "PmtId/InstrId", "PmtId/EndToEndId"),
        "ts": _time(_at(element, "AccptncDtTm") or _at(element.getparent(), "GrpHdr/CreDtTm"), utc_offset),
        "amount": (amount.text or "").strip() if amount is not None else "",
        "currency": amount.get("Ccy", "") if amount is not None else "",
        "payer_id": payer[0], "payee_id": payee[0], "payer_country": payer[1], "payee_country": payee[1],
        "status": "completed", "remark": _remark(element), "purpose_code": _at(element, "Purp/Cd", "Purp/Prtry"),
    }  # fmt: skip


def _statement(entry: etree._Element, number: int, utc_offset: int | None) -> Iterator[dict[str, str]]:
    """The payments of one booked entry of camt.053, the `number`th; the statement's account is on one side of each."""
    if _at(entry, "Sts/Cd", "Sts") not in {"BOOK", ""}:
        return
    statement = entry.getparent()
    if statement is None:
        return
    own_account = _first(statement, "Acct")
    own = _account(own_account), _country(None, own_account, _first(statement, "Acct/Svcr"))
    reversed_ = _at(entry, "RvslInd").lower() in {"true", "1"}
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    for part, detail in enumerate(details or [entry], 1):
        alone = len(details) <= 1
        amount = _first(detail, "AmtDtls/InstdAmt/Amt", "Amt", "AmtDtls/TxAmt/Amt")
        if amount is None and alone:
            amount = _first(entry, "Amt")
        came_in = (_at(detail, "CdtDbtInd") or _at(entry, "CdtDbtInd")) == "CRDT"
        incoming = came_in != reversed_  # the reversal of a payment goes the other way
        parties, agents = _first(detail, "RltdPties"), _first(detail, "RltdAgts")
        side = "Dbtr" if incoming else "Cdtr"
        nobody = detail.makeelement("nobody")
        other = _sides(detail, nobody if parties is None else parties, nobody if agents is None else agents, side)
        payer, payee = (other, own) if incoming else (own, other)
        known = _ids(detail, "Refs/UETR", "Refs/TxId", "Refs/AcctSvcrRef")
        if alone and not known:
            known = _ids(entry, "AcctSvcrRef")
        yield {
            "tx_id": known or f"{_at(statement, 'Id')}/{number}/{part}",
            "ts": _time(
                _at(detail, "RltdDts/AccptncDtTm", "RltdDts/TxDtTm")
                or _at(entry, "BookgDt/DtTm", "ValDt/DtTm", "BookgDt/Dt", "ValDt/Dt"), utc_offset,
            ),
            "amount": (amount.text or "").strip() if amount is not None else "",
            "currency": amount.get("Ccy", "") if amount is not None else "",
            "payer_id": payer[0], "payee_id": payee[0], "payer_country": payer[1], "payee_country": payee[1],
            "status": "reversed" if reversed_ else "completed", "remark": _remark(detail),
            "purpose_code": _at(detail, "Purp/Cd", "Purp/Prtry"),
        }  # fmt: skip
