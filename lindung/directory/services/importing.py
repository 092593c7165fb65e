"""Writing a checked sheet: all of it or nothing, in one transaction, with one audit event.

It adds and changes, and removes nothing: what a sheet does not name stays. A body of which nothing differs is not
touched. Between the dry run and the writing somebody may have changed a body: then nothing is written either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import Conflict, NotAllowed

from .. import checks, rules
from ..models import Coverage, NameVariant, OpeningHours, Organisation, Service, Succession
from ..names import name_key
from ..sheets import existing
from ..sheets.checking import BodyPlan, Checked, Progress, check
from ..sheets.columns import WHOLE_COUNTRY
from ..sheets.faults import Fault
from ..sheets.reading import Table

WAYS = frozenset({"phone", "whatsapp", "email", "website", "address"})
"""Fields of a body after whose change somebody has to ask again whether all of it is right."""

_POINTERS = frozenset({"affiliation", "successors", "until"})

_EMPTY: dict[str, Any] = {
    "public": False, "since": None, "until": None, "verified_on": None, "age_from": 0, "age_to": 17, "capacity": None,
    "active": True, "languages": "id", "hours": (False, ()), "variants": (), "successors": (),
    **dict.fromkeys(("accepts_boys", "accepts_girls", "siblings", "with_mother", "lgbt_safe", "wheelchair",
                     "sign_language", "night_admission")),
}  # fmt: skip
"""What an empty cell means, where it is not an empty text."""


@dataclass(frozen=True)
class Outcome:
    """What an import does, or did: how many bodies and services are new, changed, or stay as they are."""

    rows: int
    bodies_new: int = 0
    bodies_changed: int = 0
    bodies_same: int = 0
    services_new: int = 0
    services_changed: int = 0
    services_same: int = 0


@dataclass(frozen=True)
class DryRun:
    """A table that was checked. `seen` stands for the state of the directory that it was checked against."""

    checked: Checked
    outcome: Outcome
    seen: str
    work: _Work | None = None

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, by row and column; while there is one, nothing can be imported."""
        return self.checked.faults


def try_out(actor: Actor, table: Table, progress: Progress = lambda done: None) -> DryRun:
    """Check a table and say what it would do; writes nothing. Raises NotAllowed."""
    if not rules.may_edit(actor):
        raise NotAllowed
    checked = check(table, progress)
    seen = _seen(checked.known)
    if checked.faults:
        return DryRun(checked, Outcome(checked.rows), seen)
    work = _Work(checked)
    return DryRun(checked, work.outcome(), seen, work)


def import_table(
    actor: Actor, dry_run: DryRun, *, seen: str | None = None, progress: Progress = lambda done: None
) -> Outcome:
    """Write what a dry run found, once. `seen` is that of the dry run which the person looked at.

    Raises NotAllowed, ValueError for a dry run with faults, and Conflict when the directory changed since.
    """
    if not rules.may_edit(actor):
        raise NotAllowed
    work, outcome = dry_run.work, dry_run.outcome
    if work is None:
        raise ValueError("import_table: expected a dry run without faults")
    if seen is not None and seen != dry_run.seen:
        raise Conflict
    try:
        _write(actor, dry_run, work, progress)
    except IntegrityError:  # a body of the same code was added by somebody else at this very moment
        raise Conflict from None
    return outcome


def _write(actor: Actor, dry_run: DryRun, work: _Work, progress: Progress) -> None:
    outcome = dry_run.outcome
    with transaction.atomic():
        _hold(dry_run.checked.known)
        work.write(actor, progress)
        audit.record(
            "directory.imported",
            actor=actor.audit_name,
            data={
                "rows": outcome.rows, "bodies_new": outcome.bodies_new, "bodies_changed": outcome.bodies_changed,
                "services_new": outcome.services_new, "services_changed": outcome.services_changed,
            },
        )  # fmt: skip


def _seen(known: Mapping[str, existing.Known]) -> str:
    digest = hashlib.sha256()
    for code in sorted(known):
        digest.update(f"{code} {known[code].organisation.version}\n".encode())
    return digest.hexdigest()


def _hold(known: Mapping[str, existing.Known]) -> None:
    """Lock the bodies that exist; Conflict when one of them changed since it was read, or is gone."""
    for piece in existing.pieces([one.organisation for one in known.values()]):
        rows = Organisation.objects.select_for_update().filter(pk__in=[body.pk for body in piece]).order_by("pk")
        now = dict(rows.values_list("pk", "version"))
        if any(now.get(body.pk) != body.version for body in piece):
            raise Conflict


class _Work:
    """Everything that a checked sheet comes to, made ready so that it is written in a few statements."""

    def __init__(self, checked: Checked) -> None:
        self.known = checked.known
        self.moment = clock.now()
        self.bodies: dict[str, Organisation] = {}
        self.new: set[str] = set()
        self.touched: set[str] = set()
        self.plans = checked.bodies
        self.values: dict[str, dict[str, Any]] = {}
        self.differs: dict[str, set[str]] = {}
        self.services: list[tuple[Service, dict[str, Any]]] = []
        self.counts = {"new": 0, "changed": 0, "same": 0}
        for plan in self.plans.values():
            self._body(plan)
        for plan in self.plans.values():
            self._services(plan)
        self.rows = checked.rows

    def outcome(self) -> Outcome:
        changed = len(self.touched - self.new)
        return Outcome(
            self.rows, len(self.new), changed, len(self.plans) - len(self.new) - changed,
            self.counts["new"], self.counts["changed"], self.counts["same"],
        )  # fmt: skip

    # -- what differs ------------------------------------------------------------------------------------------------

    def _body(self, plan: BodyPlan) -> None:
        known = self.known.get(plan.code)
        values = {name: _filled(name, value) for name, value in plan.values.items()}
        before = known.values if known else {}
        if "region" in values or known is None:
            region = values.get("region", "")
            if known is None or region != before["region"] or "tz" in plan.values:
                values["tz"] = plan.values.get("tz") or checks.zone("", region)
        elif "tz" in plan.values:
            values["tz"] = plan.values["tz"] or checks.zone("", before["region"])
        if "variants" in values:
            region = values.get("region", before.get("region", ""))
            once = {name_key(name, region): name for name in sorted(values["variants"], reverse=True)}
            values["variants"] = tuple(sorted(once.values()))
        if "successors" in values:
            values["successors"] = tuple(sorted(values["successors"]))
        differs = {name for name, value in values.items() if known is None or before.get(name) != value}
        if known is not None and differs & WAYS and "verified_on" not in differs:
            values["verified_on"] = None
            differs.add("verified_on")
        body = known.organisation if known else Organisation(code=plan.code)
        for name in existing.PLAIN:
            if name in differs:
                setattr(body, name, values[name])
        if "verified_on" in differs:
            body.verified_by_id = None
        self.bodies[plan.code] = body
        self.values[plan.code], self.differs[plan.code] = values, differs
        if known is None:
            self.new.add(plan.code)
        if known is None or differs:
            self.touched.add(plan.code)

    def _services(self, plan: BodyPlan) -> None:
        known = self.known.get(plan.code)
        for code, wanted in plan.services.items():
            values = {name: _filled(name, value) for name, value in wanted.values.items()}
            there = known.services.get(code) if known else None
            if there is not None and all(there[1].get(name) == value for name, value in values.items()):
                self.counts["same"] += 1
                continue
            self.counts["changed" if there else "new"] += 1
            service = there[0] if there else Service(service=code)
            service.organisation = self.bodies[plan.code]
            for name, value in values.items():
                if name in existing.PLAIN_OF_SERVICE:
                    setattr(service, name, value)
            if "coverage" in values:
                service.whole_country = values["coverage"] == (WHOLE_COUNTRY,)
            if "hours" in values:
                service.always_open = values["hours"][0]
            self.services.append((service, values))
            self.touched.add(plan.code)

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, actor: Actor, progress: Progress) -> None:
        """Write all of it, a few hundred rows in each statement. Inside the transaction of the import."""
        bodies = [self.bodies[code] for code in self.plans if code in self.touched]
        by = None if actor.is_system else actor.user_id
        for body in bodies:
            body.name_key = name_key(body.name, body.region)
            body.changed_at = self.moment
            if body.code not in self.new:
                body.version += 1
            if "verified_on" in self.differs[body.code] and body.verified_on:
                body.verified_by_id = by
        _save(Organisation, bodies, progress)
        self._point()
        self._names()
        services = [service for service, _ in self.services]
        _save(Service, services, progress)
        regions, spans = [], []
        for service, values in self.services:
            if "coverage" in values and not service.whole_country:
                regions += [Coverage(service=service, region=code) for code in values["coverage"]]
            if "hours" in values:
                spans += [
                    OpeningHours(
                        service=service, weekday=h.weekday, opens=h.opens, closes=h.closes, holidays=h.holidays
                    )
                    for h in values["hours"][1]
                ]
        _replace(Coverage, "service", [s.pk for s, values in self.services if "coverage" in values], regions)
        _replace(OpeningHours, "service", [s.pk for s, values in self.services if "hours" in values], spans)

    def _point(self) -> None:
        """Affiliations and successors, once every body that they point to is there."""
        wanted = {code: self.values[code] for code, found in self.differs.items() if found & _POINTERS}
        named = {
            code for values in wanted.values()
            for code in (values.get("affiliation"), *(values.get("successors") or ()))
        } - {None, ""}  # fmt: skip
        ids = {body.code: body.pk for body in self.bodies.values()}
        for piece in existing.pieces(named - set(ids)):
            ids |= dict(Organisation.objects.filter(code__in=piece).values_list("code", "pk"))
        moved = []
        for code, values in wanted.items():
            body, differs = self.bodies[code], self.differs[code]
            if "affiliation" in differs:
                body.affiliation_id = ids[values["affiliation"]] if values["affiliation"] else None
                moved.append(body)
            if "successors" in differs and body.until:
                Succession.objects.filter(before=body).delete()
                Succession.objects.bulk_create(
                    Succession(before=body, after_id=ids[after], on=body.until, source=body.source)
                    for after in values["successors"]
                )
            elif "until" in differs and body.until:
                Succession.objects.filter(before=body).update(on=body.until)
        Organisation.objects.bulk_update(moved, ["affiliation"], batch_size=existing.AT_ONCE)

    def _names(self) -> None:
        """Other names; their keys depend on the region, so a body that moved gets new ones."""
        changed, rows = [], []
        for code in self.touched:
            values, body = self.values[code], self.bodies[code]
            if not self.differs[code] & {"variants", "region"}:
                continue
            known = self.known.get(code)
            names = values["variants"] if "variants" in values else known.values["variants"] if known else ()
            changed.append(body.pk)
            keys = {name_key(name, body.region): name for name in reversed(names)}
            rows += [NameVariant(organisation=body, name=name, key=key) for key, name in keys.items()]
        _replace(NameVariant, "organisation", changed, rows)


def _filled(name: str, value: Any) -> Any:
    return _EMPTY.get(name, "") if value is None else value


def _save(model: type[models.Model], rows: Sequence[models.Model], progress: Callable[[int], None]) -> None:
    """Insert or update whole rows by their id."""
    names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    for piece in existing.pieces(rows):
        model._default_manager.bulk_create(piece, update_conflicts=True, unique_fields=["id"], update_fields=names)
        progress(len(piece))


def _replace(model: type[models.Model], parent: str, parents: Iterable[UUID], rows: Sequence[models.Model]) -> None:
    """Take away every row of these parents and put the given ones there."""
    for piece in existing.pieces(list(parents)):
        model._default_manager.filter(**{f"{parent}__in": piece}).delete()
    model._default_manager.bulk_create(rows, batch_size=existing.AT_ONCE)
