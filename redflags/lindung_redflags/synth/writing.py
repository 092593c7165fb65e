"""Writes the synthetic world as Parquet files in the form that `redflags scan` reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]
import pyarrow.compute  # type: ignore[import-untyped,unused-ignore]
import pyarrow.parquet as pq  # type: ignore[import-untyped,unused-ignore]

from lindung_redflags.synth.cases import Maker
from lindung_redflags.synth.ledger import NOTHING
from lindung_redflags.synth.money import CODES, CURRENCIES, HOME
from lindung_redflags.synth.rows import CATEGORIES, CHANNELS, PURPOSES, REMARKS, STATUSES
from lindung_redflags.synth.seasons import Bools, Ints
from lindung_redflags.synth.world import KINDS, PEOPLE, PRODUCTS, UNKNOWN

HELD = [CHANNELS.index(name) for name in ("bank", "ewallet", "qris", "pulsa", "topup", "gift", "crypto")]
"""Channels of which the institution knows on which device they were received."""


def numbered(prefix: str, numbers: Ints, width: int = 9) -> pa.Array:
    """Texts such as tx000000017, made at once."""
    start = len(prefix)
    digits = np.empty((len(numbers), start + width), dtype=np.uint8)
    digits[:, :start] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    rest = np.asarray(numbers, dtype=np.int64).copy()
    for place in range(start + width - 1, start - 1, -1):
        digits[:, place] = rest % 10 + ord("0")
        rest //= 10
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * (start + width)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(digits))


def decimals(unscaled: Ints, absent: Bools | None = None) -> pa.Array:
    """decimal(18,4) from ten-thousandths."""
    wide = np.empty((len(unscaled), 2), dtype=np.int64)
    wide[:, 0], wide[:, 1] = unscaled, unscaled >> 63
    found = pa.Decimal128Array.from_buffers(pa.decimal128(18, 4), len(unscaled), [None, pa.py_buffer(wide)])
    return (
        found if absent is None else pa.compute.if_else(pa.array(~absent), found, pa.scalar(None, pa.decimal128(18, 4)))
    )


def coded(codes: Ints, names: tuple[str | None, ...] | list[str], absent: Bools | None = None) -> pa.Array:
    """Names by their index; a name None is absent."""
    missing = np.array([name is None for name in names])[codes]
    if absent is not None:
        missing = missing | absent
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=missing), pa.array([name or "" for name in names])
    )


def account_ids(make: Maker) -> pa.Array:
    """Ids by number: in no order that would tell what an account is."""
    mixed = np.random.default_rng(len(make.world.kind)).permutation(make.world.size)
    return numbered("ac", mixed)


def write_accounts(make: Maker, ids: pa.Array, path: Path) -> None:
    world, n = make.world, make.world.listed
    away = world.country[:n] != HOME
    pq.write_table(
        pa.table(
            {
                "account_id": ids[:n],
                "holder_id": numbered("ho", world.holder[:n]),
                "kind": coded(world.kind[:n], KINDS),
                "birth_date": pa.array(
                    world.birth[:n].astype(np.int32), pa.int32(), mask=world.birth[:n] == UNKNOWN
                ).cast(pa.date32()),
                "region": pa.array([None if one == 0 else str(one) for one in world.region[:n].tolist()], pa.string()),
                "utc_offset": pa.array((world.offset[:n] // 60).astype(np.int32), pa.int32(), mask=~away),
                "country": coded(world.country[:n], CODES),
                "opened_on": pa.array(world.opened[:n].astype(np.int32), pa.int32()).cast(pa.date32()),
                "is_customer": pa.array(world.customer[:n]),
                "product": coded(world.product[:n], PRODUCTS),
                "kyc_level": coded(world.full[:n].astype(np.int64), ("basic", "full")),
            }
        ),
        path,
        compression="zstd",
    )


def write_transactions(
    make: Maker, book: dict[str, Ints], ids: pa.Array, path: Path, piece: int = 1_000_000
) -> pa.Array:
    """Write the payments in pieces; returns their ids."""
    world, size = make.world, len(book["t"])
    tx_ids = numbered("tx", np.arange(size))
    listed_person = np.isin(world.kind, PEOPLE) & (np.arange(world.size) < world.listed)
    devices = numbered("dv", world.device)
    writer = None
    for start in range(0, size, piece):
        cut = slice(start, start + piece)
        col = {name: column[cut] for name, column in book.items()}
        p, q = col["p"], col["q"]
        told = listed_person[q] & np.isin(col["channel"], HELD)
        table = pa.table(
            {
                "tx_id": tx_ids[start : start + piece],
                "ts": pa.array(col["us"]).cast(pa.timestamp("us", tz="UTC")),
                "amount": decimals(col["amount"]),
                "currency": coded(col["cur"], list(CURRENCIES)),
                "amount_idr": pa.array(col["idr"]),
                "payer_id": ids.take(pa.array(p)),
                "payee_id": ids.take(pa.array(q)),
                "payer_country": coded(world.country[p], CODES),
                "payee_country": coded(world.country[q], CODES),
                "channel": coded(col["channel"], CHANNELS),
                "status": coded(col["status"], STATUSES),
                "remark": coded(col["remark"], REMARKS),
                "device_id": devices.take(pa.array(np.where(told, q, 0), mask=~told)),
                "merchant_category": coded(col["mcc"], CATEGORIES),
                "payer_balance_after": decimals(col["balance"], col["balance"] == NOTHING),
                "purpose_code": coded(col["purpose"], PURPOSES),
                "destination_country": coded(col["dest"], CODES, col["dest"] == HOME),
            }
        )
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=250_000)
    if writer is not None:
        writer.close()
    return tx_ids


def write_labels(make: Maker, book: dict[str, Ints], ids: pa.Array, tx_ids: pa.Array, folder: Path) -> None:
    labels = sorted(make.labels, key=lambda one: ids[one.account].as_py())
    pq.write_table(
        pa.table(
            {
                "account_id": ids.take(pa.array([one.account for one in labels], pa.int64())),
                "pattern": pa.array([one.pattern for one in labels], pa.string()),
                "family": pa.array([one.family for one in labels], pa.string()),
                "difficulty": pa.array([one.difficulty for one in labels], pa.string()),
                "planted": pa.array([one.planted for one in labels], pa.bool_()),
                "side": pa.array([one.side for one in labels], pa.string()),
            }
        ),
        folder / "labels_accounts.parquet",
    )
    rows = np.flatnonzero(book["label"] >= 0)
    patterns = [make.patterns[number] for number in book["label"][rows].tolist()]
    pq.write_table(
        pa.table({"tx_id": tx_ids.take(pa.array(rows)), "pattern": pa.array(patterns, pa.string())}),
        folder / "labels_transactions.parquet",
    )
