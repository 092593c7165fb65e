"""Which indicators can run on the data that is there, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from lindung_redflags.catalogue.model import Catalogue, Indicator

_COLUMNS = {
    "channel": ("tx", "channel"),
    "status": ("tx", "status"),
    "payer_country": ("tx", "pc"),
    "payee_country": ("tx", "qc"),
    "remark": ("tx", "remark"),
    "device_id": ("tx", "device"),
    "merchant_category": ("tx", "mcc"),
    "payer_balance_after": ("tx", "balance"),
    "purpose_code": ("tx", "purpose"),
    "destination_country": ("tx", "dest"),
    "holder_id": ("acc", "holder_id"),
    "birth_date": ("acc", "birth"),
    "region": ("acc", "offset_s"),
    "country": ("acc", "country"),
    "opened_on": ("acc", "opened"),
    "product": ("acc", "product"),
    "kyc_level": ("acc", "kyc"),
}


@dataclass(frozen=True)
class Coverage:
    """`ran`: ids. `reasons`: for each other indicator why it did not run, in both languages."""

    ran: tuple[str, ...]
    reasons: dict[str, dict[str, str]]

    def as_dict(self) -> dict[str, object]:
        return {"ran": list(self.ran), "of": len(self.ran) + len(self.reasons), "did_not_run": self.reasons}


def look(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> Coverage:
    """Compare what each indicator needs with what the tables `acc` and `tx` hold."""
    there = {
        name
        for name, (table, column) in _COLUMNS.items()
        if connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1)"
        ).fetchall()[0][0]
    }
    ran, reasons = [], {}
    for one in catalogue:
        missing = _missing(one, there, catalogue)
        if not one.computed:
            plain = {"id": "hanya konteks bagi peninjau", "en": "context for the reviewer only"}
            reasons[one.id] = dict(one.raw.get("not_computed", plain))
        elif missing:
            names = ", ".join(missing)
            reasons[one.id] = {"id": f"data tidak ada: {names}", "en": f"data that is not there: {names}"}
        else:
            ran.append(one.id)
    return Coverage(tuple(ran), reasons)


def _missing(one: Indicator, there: set[str], catalogue: Catalogue) -> list[str]:
    wanted = [*one.needs.get("transactions", ()), *one.needs.get("accounts", ())]
    missing = [name for name in wanted if name not in there]
    missing += [f"{name} (list)" for name in one.needs.get("lists", ()) if not catalogue.lists.get(name)]
    return missing + (["relations"] if one.needs.get("relations") else [])
