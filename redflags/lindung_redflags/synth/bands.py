"""Published bands that the planted cases are drawn from. Rupiah; foreign figures at about the rates of early 2026.

Marks: S the text of the source was read, S2 a secondary page was read, K common knowledge not checked. How many
payments and people a case has, and everything else not named here, is of our own making.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """A range of rupiah for one payment, and where it stands."""

    low: int
    high: int
    source: str
    mark: str


ECPAT = Band(100_000, 5_000_000, "ECPAT Indonesia (Sofian), August 2024: Rp 100,000 to 5,000,000; koranjuri.com", "S")
PPATK = Band(2_000_000, 5_000_000, "PPATK, Denpasar, August 2024: Rp 2 to 5 million; denpasar.kompas.com", "S")
AMLC = Band(290_000, 2_900_000, "AMLC: 81 % of payments PHP 1,000 to 10,000; bworldonline.com, 16 September 2020", "S")
FATF = Band(190_000, 3_800_000, "FATF, March 2025: EUR 10 to 200 a payment; financialcrime.lu", "S2")
AIC = Band(100_000, 590_000, "AIC T&I 634 (2021): under AUD 55, intervals below 20 days; safetylit", "S")
AUSTRAC = Band(216_000, 864_000, "AUSTRAC, one case: 826 payments of AUD 20 to 80; austrac.gov.au", "S")
EXTORTION = Band(
    300_000, 4_500_000, "FATF, March 2025: from below EUR 250, together mostly up to EUR 1,500; financialcrime.lu", "S2"
)
EXTORTION_TOTAL = 27_000_000
SMALL_WALLET = Band(1_810_000, 1_990_000, "limit of wallets of customers not fully known, about Rp 2 million", "K")
POCKET = Band(20_000, 300_000, "gift cards and prepaid credit; no published amount", "K")
EVERY = (ECPAT, PPATK, AMLC, FATF, AIC, AUSTRAC, EXTORTION, SMALL_WALLET, POCKET)
