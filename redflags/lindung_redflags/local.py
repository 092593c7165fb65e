"""Ages, nights and days where somebody lives, by whole numbers: no time zone of a machine has a say."""

from __future__ import annotations

from datetime import date, timedelta

from lindung_redflags.rows import MINOR_KINDS, Account

DAY = 86400
_EPOCH = date(1970, 1, 1)


def local_day(t: int, offset_s: int | None) -> int:
    """Days since 1970-01-01 at a place; where the place is unknown, in UTC."""
    return (t + (offset_s or 0)) // DAY


def is_night(t: int, offset_s: int | None) -> bool:
    """Between 22:00 and 05:00; unknown is not night."""
    if offset_s is None:
        return False
    second = (t + offset_s) % DAY
    return second >= 22 * 3600 or second < 5 * 3600


def years_between(birth: int, day: int) -> int:
    """Whole years from a day of birth to a day (both days since 1970-01-01); 29 February counts from 1 March."""
    born, now = _EPOCH + timedelta(days=birth), _EPOCH + timedelta(days=day)
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


def age_at(account: Account, t: int) -> int | None:
    """Whole years at a second, by the local date; None: unknown, or not born yet."""
    if account.birth is None:
        return None
    years = years_between(account.birth, local_day(t, account.offset_s))
    return years if years >= 0 else None


def is_minor(account: Account, t: int) -> bool:
    """Under 18 by birth date, else by the kind of account."""
    age = age_at(account, t)
    return age < 18 if age is not None else account.birth is None and account.kind in MINOR_KINDS
