"""The features that indicators can compare: what each counts, over which entity, in which unit.

A feature is taken at a payment of the subject at second t, over the payments with a second in [t - window, t], those of
the same second included, that count for the indicator. `account`: those of the subject's account in the direction `at`
of the indicator; `pair`: those of them with the same other side. The same table is lowered to the engines and to the
plain reference; nothing here is computed.
"""

from __future__ import annotations

from dataclasses import dataclass

BOTH = ("account", "pair")
ACCOUNT = ("account",)
COMPARED = (">=", "<=", ">", "<", "==")
ORDERED = (">=", "<=")


@dataclass(frozen=True)
class Feature:
    """One feature. `takes`: further keys of a test that it needs."""

    name: str
    unit: str
    says_id: str
    says_en: str
    entities: tuple[str, ...] = ACCOUNT
    ops: tuple[str, ...] = COMPARED
    takes: tuple[str, ...] = ()

    @property
    def is_share(self) -> bool:
        return self.unit == "share"


FEATURES = {
    one.name: one
    for one in (
        Feature("payments", "payments", "jumlah pembayaran", "number of payments", BOTH),
        Feature("total", "rupiah", "jumlah uang", "sum of the payments", BOTH),
        Feature("parties", "people", "jumlah pihak yang berbeda", "number of different parties"),
        Feature(
            "countries", "countries", "jumlah negara yang berbeda", "number of different countries of the other side"
        ),
        Feature(
            "amounts",
            "amounts",
            "jumlah nominal yang berbeda",
            "number of different amounts, in the currency sent",
            BOTH,
        ),
        Feature(
            "same_amount",
            "payments",
            "pembayaran dengan nominal yang persis sama",
            "payments of the very same amount, in the currency sent",
            BOTH,
        ),
        Feature("channels", "channels", "jumlah saluran yang berbeda", "number of different channels", BOTH),
        Feature("median_amount", "rupiah", "nominal tengah", "median amount", BOTH, ORDERED),
        Feature(
            "median_gap", "seconds", "jarak waktu tengah", "median time between one payment and the next", BOTH, ORDERED
        ),
        Feature("share", "share", "bagian dari pembayaran", "share of the payments", BOTH, ORDERED, ("of",)),
        Feature(
            "passed_on",
            "share",
            "bagian uang masuk yang segera keluar",
            "share of what came in that left again",
            ACCOUNT,
            ORDERED,
            ("within",),
        ),
        Feature(
            "rising_amounts",
            "points",
            "kenaikan nominal",
            "concordances less discordances of the last six amounts",
            BOTH,
        ),
        Feature("rising_pace", "points", "makin sering", "discordances less concordances of the last six gaps", BOTH),
        Feature("declined", "payments", "pembayaran yang ditolak", "declined tries of the same amount", ("pair",)),
    )
}
