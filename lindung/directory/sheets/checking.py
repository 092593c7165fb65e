"""Everything in a sheet is checked before anything is written: each fault by its row and column, or a whole plan.

What belongs to a body is taken from the first of its rows that says it. Checks of single cells stand in `checks.py`;
here is what only the sheet as a whole can tell: doubles, contradictions, bodies that it names and nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .. import checks, rules, selectors
from ..checks import Wrong
from ..knowledge import services as known_services
from ..models import Does, Kind, NameVariant, Organisation
from ..names import name_key
from . import existing
from .columns import BODY, COLUMNS, FIELDS, QUESTIONS, SERVICE, WHOLE_COUNTRY, Column, by_heading
from .faults import Fault
from .reading import Table

Progress = Callable[[int], None]


@dataclass
class ServicePlan:
    """One row's service: the fields that the sheet holds, checked."""

    row: int
    values: dict[str, Any]


@dataclass
class BodyPlan:
    """One body of the sheet, from all its rows; `at` says in which row each field stood, `bad` what was refused."""

    row: int
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    services: dict[str, ServicePlan] = field(default_factory=dict)


@dataclass
class Checked:
    """The outcome: faults (then nothing may be written), or bodies to write; `known` are those that exist already."""

    faults: list[Fault]
    bodies: dict[str, BodyPlan]
    known: Mapping[str, existing.Known]
    rows: int


def check(table: Table, progress: Progress = lambda done: None) -> Checked:
    """Check a whole table against itself and against the directory. Reads the database, writes nothing."""
    run = _Run(table)
    if run.headings():
        for number, cells in enumerate(table.rows[1:], 2):
            run.row(number, cells)
            if number % 100 == 0:
                progress(100)
        run.together()
    faults = sorted(set(run.faults))
    return Checked(faults, run.bodies, run.known, max(len(table.rows) - 1, 0))


class _Run:
    """One check, with what it has found so far."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.faults: list[Fault] = []
        self.bodies: dict[str, BodyPlan] = {}
        self.known: Mapping[str, existing.Known] = {}
        self.places: dict[str, int] = {}
        self.columns: dict[int, Column] = {}
        self.heads: list[str] = []
        self.read: dict[tuple[str, str], Any] = {}
        self.today = selectors.today()

    # -- faults ------------------------------------------------------------------------------------------------------

    def fault(self, row: int, name: str, code: str, **more: object) -> None:
        """Note a fault in the column of a field."""
        position = self.places.get(name, len(self.heads))
        heading = self.heads[position] if position < len(self.heads) else FIELDS[name].name
        self.faults.append(Fault(row, position, heading, code, tuple(more.items())))

    def at(self, row: int, position: int, code: str, **more: object) -> None:
        """Note a fault in a cell that may have no known column."""
        heading = self.heads[position] if position < len(self.heads) else ""
        self.faults.append(Fault(row, position, heading, code, tuple(more.items())))

    # -- headings ----------------------------------------------------------------------------------------------------

    def headings(self) -> bool:
        """Read the first row; False when nothing below it can be understood."""
        if not self.table.rows or not any(cell.strip() for cell in self.table.rows[0]):
            self.faults.append(Fault(1, 0, "", "empty_sheet"))
            return False
        self.heads = [" ".join(cell.split())[:40] for cell in self.table.rows[0]]
        for row, position, cells in self.table.merged:
            self.at(row, position, "merged", cells=cells)
        for position, heading in enumerate(self.heads):
            column = by_heading().get(heading.lower().replace(" ", "_"))
            if column is None:
                self.heads[position] = "" if not heading.isascii() else heading
                self.at(1, position, "heading_unknown")
            elif column.field in self.places:
                self.at(1, position, "heading_twice")
            else:
                self.columns[position], self.places[column.field] = column, position
        if "code" not in self.places:
            self.fault(1, "code", "heading_missing", column=FIELDS["code"].name)
            return False
        return True

    # -- rows --------------------------------------------------------------------------------------------------------

    def row(self, number: int, cells: list[str]) -> None:
        """Check the cells of one row and add them to its body."""
        if not any(cell.strip() for cell in cells):
            return
        for position in range(len(self.heads), len(cells)):
            if cells[position].strip():
                self.at(number, position, "too_many_cells")
                break
        read: dict[str, Any] = {}
        for position, column in self.columns.items():
            typed = cells[position] if position < len(cells) else ""
            value = self.cell(number, position, column, _unguarded(typed.strip()))
            if value is not _BAD:
                read[column.field] = value
        code = read.pop("code", _BAD)
        if code is None:
            self.fault(number, "code", "required")
        if code in {None, _BAD}:
            return
        body = self.bodies.setdefault(code, BodyPlan(number, code))
        body.bad |= set(self.places) - {"code", *read}
        self.of_body(body, number, {name: value for name, value in read.items() if FIELDS[name].of == BODY})
        self.of_service(body, number, {name: value for name, value in read.items() if FIELDS[name].of == SERVICE})

    def cell(self, row: int, position: int, column: Column, typed: str) -> Any:
        """The checked value of one cell; None for an empty one, _BAD after noting a fault."""
        if typed in {"", "-", "–"}:
            return None
        try:
            if (row, position) in self.table.numeric:
                typed = _number_cell(column, typed)
            if (column.field, typed) not in self.read:  # most cells say what a cell above them says
                self.read[column.field, typed] = _READ[column.field](typed, self.today)
            return self.read[column.field, typed]
        except Wrong as wrong:
            more = dict(wrong.more)
            if wrong.code == "choice":
                more["known"] = ", ".join(_known_codes(column.field))
            self.at(row, position, wrong.code, **more)
            return _BAD

    def of_body(self, body: BodyPlan, row: int, read: dict[str, Any]) -> None:
        """Take what this row says about the body; two rows that differ contradict each other."""
        for name, value in read.items():
            if value is None:
                body.values.setdefault(name, None)
            elif body.values.get(name) is None:
                body.values[name], body.at[name] = value, row
            elif body.values[name] != value:
                self.fault(row, name, "contradiction", first=body.at[name])

    def of_service(self, body: BodyPlan, row: int, read: dict[str, Any]) -> None:
        """Take the service of this row, if there is one."""
        if "service" not in read:
            return
        code = read.pop("service")
        if code is None:
            for name, value in read.items():
                if value is not None:
                    self.fault(row, name, "without_service")
            return
        if code in body.services:
            self.fault(row, "service", "duplicate_service", first=body.services[code].row)
            return
        if read.get("coverage", True) is None:
            self.fault(row, "coverage", "required")
        if read.get("does", True) is None:
            self.fault(row, "does", "required")
        low, high = read.get("age_from"), read.get("age_to")
        if (0 if low is None else low) > (17 if high is None else high):
            self.fault(row, "age_from" if low is not None else "age_to", "ages")
        body.services[code] = ServicePlan(row, read)

    # -- the sheet as a whole ----------------------------------------------------------------------------------------

    def together(self) -> None:
        """What only all rows together, and the directory as it is, can tell."""
        self.known = existing.load(self.bodies)
        self.missing()
        for body in self.bodies.values():
            self.fits(body)
        self.names()
        self.pointers()

    def missing(self) -> None:
        """What a new body or a new service needs, and the sheet has no column or no value for."""
        needed = set()
        for body in self.bodies.values():
            known = self.known.get(body.code)
            for column in COLUMNS:
                if column.of != BODY or not column.required or column.field == "code":
                    continue
                if column.field not in self.places:
                    needed |= {column.field} if known is None else set()
                elif body.values.get(column.field) is None and column.field not in body.bad:
                    self.fault(body.row, column.field, "required")
            if any(known is None or code not in known.services for code in body.services):
                needed |= {"does", "coverage"} - set(self.places)
        for name in sorted(needed):
            self.fault(1, name, "heading_missing", column=FIELDS[name].name)

    def fits(self, body: BodyPlan) -> None:
        """What the values of one body must not be together."""
        now = self.effective(body)
        if now.get("kind") in rules.NO_ADDRESS and now.get("address"):
            self.fault(body.at.get("address", body.row), "address", "secret_address")
        if now.get("kind") in rules.NEVER_PUBLIC and now.get("public"):
            self.fault(body.at.get("public", body.row), "public", "not_public")
        since, until = now.get("since"), now.get("until")
        if since and until and until < since:
            self.fault(body.at.get("until", body.row), "until", "dates")
        if body.values.get("successors") and not until:
            self.fault(body.at["successors"], "successors", "successor_date")

    def effective(self, body: BodyPlan) -> dict[str, Any]:
        """The fields of a body as they would be: the sheet's, and what is known where it has no column."""
        known = self.known.get(body.code)
        return {**(known.values if known else {}), **body.values}

    def names(self) -> None:
        """Two bodies of one region under names that are the same, in the sheet or in the directory."""
        taken: dict[tuple[str, str], tuple[str, int]] = {}
        for code, key in _names_elsewhere(self.bodies):
            taken.setdefault(key, (code, 0))
        for body in self.bodies.values():
            now = self.effective(body)
            if "region" in body.bad:
                continue  # its region could not be read: without it nothing can be compared
            region = now.get("region") or ""
            spelled = [("name", now.get("name") or "")] + [("variants", one) for one in now.get("variants") or ()]
            for name, text in spelled:
                key = (name_key(text, region), region)
                code, row = taken.setdefault(key, (body.code, body.row))
                if code == body.code or not text:
                    continue
                at = body.at.get(name, body.row)
                if row:
                    self.fault(at, name, "duplicate_in_sheet", first=row)
                else:
                    self.fault(at, name, "duplicate_name", other=code)
                break

    def pointers(self) -> None:
        """Bodies that others point to: they must be in the sheet or in the directory."""
        wanted = {
            code
            for body in self.bodies.values()
            for code in [body.values.get("affiliation"), *(body.values.get("successors") or ())]
            if code and code not in self.bodies
        }
        there = existing.codes(wanted)
        for body in self.bodies.values():
            for name in ("affiliation", "successors"):
                value = body.values.get(name)
                for code in [value] if isinstance(value, str) else value or ():
                    if code == body.code:
                        self.fault(body.at[name], name, "itself")
                    elif code not in self.bodies and code not in there:
                        self.fault(body.at[name], name, "unknown_body")


# --- cells ----------------------------------------------------------------------------------------------------------

_BAD = object()


def _unguarded(typed: str) -> str:
    """Without the apostrophe that our own export puts before what a spreadsheet program would run."""
    return typed[1:] if typed[:1] == "'" and typed[1:2] in {"+", "-", "=", "@"} else typed


def _number_cell(column: Column, typed: str) -> str:
    """What a number in a workbook was meant to be; raises Wrong where digits were lost on the way."""
    if column.field in {"region", "coverage"} and "." in typed:
        whole, _, rest = typed.partition(".")
        return typed if len(rest) == 2 else f"{whole}.{rest}"
    if column.field in {"phone", "whatsapp"} and len(typed) > 6:
        raise Wrong("lost_digits")
    return typed


def _coverage(typed: str, _: date) -> tuple[str, ...]:
    pieces = checks.text(typed, FIELDS["coverage"].longest).replace(";", " ").replace(",", " ").split()
    if WHOLE_COUNTRY in {piece.lower() for piece in pieces}:
        if len(pieces) > 1:
            raise Wrong("whole_and_part")
        return (WHOLE_COUNTRY,)
    return tuple(sorted({checks.region(piece) for piece in pieces}))


def _codes(typed: str, _: date) -> tuple[str, ...]:
    pieces = checks.text(typed, FIELDS["successors"].longest).replace(";", " ").replace(",", " ").split()
    return tuple(dict.fromkeys(checks.code(piece) for piece in pieces))


def _known_codes(name: str) -> Iterable[str]:
    return {"kind": Kind.values, "does": Does.values, "service": known_services()}[name]


def _plain(longest: int) -> Callable[[str, date], str]:
    return lambda typed, _: checks.text(typed, longest)


def _service_labels() -> list[tuple[str, str]]:
    return [(kind.code, kind.label_id) for kind in known_services().values()]


_READ: dict[str, Callable[[str, date], Any]] = {
    "code": lambda typed, _: checks.code(typed),
    "name": lambda typed, _: checks.name(typed),
    "kind": lambda typed, _: checks.choice(typed, [(str(code), str(label)) for code, label in Kind.choices]),
    "variants": lambda typed, _: tuple(checks.name(one) for one in checks.parts(typed, FIELDS["variants"].longest)),
    "affiliation": lambda typed, _: checks.code(typed),
    "region": lambda typed, _: checks.region(typed),
    "address": _plain(300),
    "phone": lambda typed, _: checks.phone(typed),
    "whatsapp": lambda typed, _: checks.phone(typed),
    "email": lambda typed, _: checks.email(typed),
    "website": lambda typed, _: checks.website(typed),
    "tz": lambda typed, _: checks.zone(typed, ""),
    "public": lambda typed, _: bool(checks.yes_no(typed)),
    "source": _plain(200),
    "since": lambda typed, _: checks.day(typed),
    "until": lambda typed, _: checks.day(typed),
    "successors": _codes,
    "verified_on": lambda typed, today: checks.day(typed, latest=today),
    "service": lambda typed, _: checks.choice(typed, _service_labels()),
    "does": lambda typed, _: checks.choice(typed, [(str(code), str(label)) for code, label in Does.choices]),
    "coverage": _coverage,
    "age_from": lambda typed, _: checks.number(typed, checks.OLDEST),
    "age_to": lambda typed, _: checks.number(typed, checks.OLDEST),
    **{name: (lambda typed, _: checks.yes_no(typed)) for name in QUESTIONS},
    "hours": lambda typed, _: checks.open_hours(typed),
    "languages": lambda typed, _: checks.languages(typed),
    "faith_and_food": _plain(120),
    "capacity": lambda typed, _: checks.number(typed, checks.MOST_PLACES),
    "fee": _plain(120),
    "contact": _plain(120),
    "notes": _plain(300),
    "active": lambda typed, _: checks.yes_no(typed),
}


def _names_elsewhere(bodies: Mapping[str, BodyPlan]) -> Iterable[tuple[str, tuple[str, str]]]:
    """The names of every body that is not in the sheet: (code, (key, region))."""
    rows = Organisation.objects.values_list("code", "name_key", "region")
    yield from ((code, (key, region)) for code, key, region in rows if code not in bodies)
    others = NameVariant.objects.values_list("organisation__code", "key", "organisation__region")
    yield from ((code, (key, region)) for code, key, region in others if code not in bodies)
