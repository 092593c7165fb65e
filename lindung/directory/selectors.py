"""Reads: who helps with what, for this place, this child, at this hour. Everything here is about bodies, never a child.

`providers` is what a referral form asks: everybody who provides a service for a place, also those who do not fit now,
each with the reasons, so that the form can show who is closed or does not take boys. `find` leaves those out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock, worktime
from lindung.places import selectors as places

from . import knowledge, rules
from .models import Coverage, Does, NameVariant, OpeningHours, Organisation, Service, Succession
from .names import name_key
from .rules import ANYBODY, ForWhom, Hindrance, Hours, Opening, Terms

HELPS = (Does.PROVIDES, Does.FACILITATES, Does.IDENTIFIES)
"""What a body may do so that somebody who asks for help gets it there, or is brought to it."""

WHY_NOT: dict[str, tuple[str | Promise, str | Promise]] = {
    # code: (sure, nobody asked yet)
    "closed": (_("tutup sekarang"), _("jam buka belum ditanyakan")),
    "age": (_("bukan untuk umur ini"), _("sebagian umur saja")),
    "boys": (_("tidak menerima anak laki-laki"), _("belum ditanyakan: anak laki-laki")),
    "girls": (_("tidak menerima anak perempuan"), _("belum ditanyakan: anak perempuan")),
    "siblings": (_("saudara tidak bisa bersama"), _("belum ditanyakan: bersama saudara")),
    "with_mother": (_("ibu tidak bisa ikut"), _("belum ditanyakan: bersama ibu")),
    "lgbt_safe": (_("tidak aman untuk anak LGBT"), _("belum ditanyakan: aman untuk anak LGBT")),
    "wheelchair": (_("kursi roda tidak bisa masuk"), _("belum ditanyakan: kursi roda")),
    "sign_language": (_("tanpa bahasa isyarat"), _("belum ditanyakan: bahasa isyarat")),
    "night": (_("tidak menerima malam hari"), _("belum ditanyakan: malam hari")),
    "language": (_("tidak dalam bahasa itu"), _("belum ditanyakan: bahasanya")),
    "ended": (_("sudah tidak ada dengan nama ini"), _("sudah tidak ada dengan nama ini")),
    "overdue": (_("lama tidak diperiksa"), _("belum pernah diperiksa")),
}


def why_not(hindrance: Hindrance) -> str:
    """One hindrance in words."""
    return str(WHY_NOT[hindrance.code][0 if hindrance.sure else 1])


@dataclass(frozen=True)
class Provider:
    """One service as somebody looks for it. Ask the body first when `hindrances` holds one that is not `sure`.

    `near`: 5 and more when it is meant for that district, 2 for its province, 1 for the whole country. `now`: the
    bodies that have the tasks today, when this one ended.
    """

    organisation: Organisation
    service: Service
    opening: Opening
    hindrances: tuple[Hindrance, ...]
    near: int
    overdue: bool
    now: tuple[Organisation, ...] = ()

    @property
    def fits(self) -> bool:
        """Nothing stands in the way, and nothing needs to be asked first."""
        return not self.hindrances

    @property
    def refused(self) -> bool:
        """Something is known to stand in the way, the hour aside."""
        return any(one.sure and one.code != "closed" for one in self.hindrances)

    @property
    def reasons(self) -> list[str]:
        """Why it may not do, in words."""
        return [why_not(one) for one in self.hindrances]


@dataclass(frozen=True)
class Search:
    """What is looked for. `does`: what the body itself must do. `public`: only what the page for everybody may name."""

    region: str = ""
    service: str = ""
    services: tuple[str, ...] = ()
    does: Collection[str] = HELPS
    child: ForWhom = ANYBODY
    open_now: bool = False
    public: bool = False
    kinds: Collection[str] = ()
    without_kinds: Collection[str] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        return (self.service,) if self.service else self.services


# --- single bodies --------------------------------------------------------------------------------------------------


def visible_to(actor: Actor) -> QuerySet[Organisation]:
    """All bodies for everybody of staff; none for anybody else."""
    return Organisation.objects.all() if rules.may_read(actor) else Organisation.objects.none()


def by_code(code: str) -> Organisation | None:
    """The body of that code ("kemenpppa", "unhcr", a code of the spreadsheet), also one that ended."""
    return Organisation.objects.filter(code=code).first()


def today() -> date:
    """The day that verifying and ending are counted in: that of Jakarta."""
    return worktime.local_day(clock.now(), places.DEFAULT_ZONE)


def exists_on(organisation: Organisation, day: date) -> bool:
    """Whether a body exists under this name on a day."""
    begun = organisation.since is None or organisation.since <= day
    return begun and (organisation.until is None or day < organisation.until)


def present(organisation: Organisation, day: date | None = None) -> tuple[Organisation, ...]:
    """The bodies that have its tasks on a day: itself, or its successors and theirs. Empty when nobody is named."""
    return _present([organisation], day or today())[organisation.pk]


def _present(bodies: Collection[Organisation], day: date) -> dict[UUID, tuple[Organisation, ...]]:
    """The same for many: one query for each step of succession, however many bodies."""
    known: dict[UUID, Organisation] = {body.pk: body for body in bodies}
    after: dict[UUID, list[UUID]] = {}
    asked = {body.pk for body in bodies if not exists_on(body, day)}
    while asked:
        rows = Succession.objects.filter(before__in=asked, on__lte=day).select_related("after").order_by("after__name")
        after |= {pk: [] for pk in asked}
        for row in rows:
            after[row.before_id].append(row.after_id)
            known[row.after_id] = row.after
        asked = {pk for pk in known if pk not in after and not exists_on(known[pk], day)}

    def follow(pk: UUID, seen: frozenset[UUID]) -> list[UUID]:
        if pk not in after:
            return [pk]
        return [end for one in after[pk] if one not in seen for end in follow(one, seen | {one})]

    return {body.pk: tuple(known[pk] for pk in dict.fromkeys(follow(body.pk, frozenset({body.pk})))) for body in bodies}


def same_name(name: str, region: str = "", *, but: UUID | None = None) -> list[Organisation]:
    """Bodies of the same region that carry this name or a variant of it: the possible duplicates."""
    key = name_key(name, region)
    named = NameVariant.objects.filter(organisation=OuterRef("pk"), key=key)
    rows = Organisation.objects.filter(Q(name_key=key) | Exists(named), region=region)
    return list(rows.exclude(pk=but) if but else rows)


def overdue(organisation: Organisation, day: date | None = None) -> bool:
    """Whether its entry has to be verified again."""
    return rules.is_overdue(organisation.verified_on, day or today(), settings.LINDUNG_DIRECTORY_VERIFY_DAYS)


# --- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """What the list of staff is narrowed by, all of it in the database."""

    text: str = ""
    region: str = ""
    kind: str = ""
    service: str = ""
    overdue: bool = False
    ended: bool = False


def listed(actor: Actor, wanted: Listing) -> QuerySet[Organisation]:
    """Bodies for the list, by name. A region finds who sits in it and who covers it; ended ones only when asked for."""
    day = today()
    rows = visible_to(actor).order_by("name", "id")
    rows = rows.filter(until__lte=day) if wanted.ended else rows.filter(Q(until=None) | Q(until__gt=day))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.overdue:
        rows = rows.filter(overdue_condition(day))
    services = Service.objects.filter(organisation=OuterRef("pk"), active=True)
    if wanted.service:
        services = services.filter(service=wanted.service)
        rows = rows.filter(Exists(services))
    if wanted.region:
        around = rules.regions_covering(wanted.region)
        where = Coverage.objects.filter(service=OuterRef("pk"), region__in=around)
        covering = Exists(services.filter(Q(whole_country=True) | Exists(where)))
        seat = Q(region=wanted.region) | Q(region__startswith=wanted.region + ".")
        rows = rows.filter(covering | seat)
    if words := wanted.text.strip():
        key = name_key(words)
        named = NameVariant.objects.filter(organisation=OuterRef("pk")).filter(
            Q(key__contains=key) | Q(name__icontains=words)
        )
        rows = rows.filter(Q(name__icontains=words) | Q(name_key__contains=key) | Q(code=words) | Exists(named))
    return rows.select_related("verified_by").prefetch_related(_offers())


def overdue_condition(day: date) -> Q:
    """Entries that have to be verified again, as a condition."""
    oldest = date.fromordinal(day.toordinal() - settings.LINDUNG_DIRECTORY_VERIFY_DAYS)
    return Q(verified_on=None) | Q(verified_on__lt=oldest)


def overdue_count(actor: Actor) -> int:
    """How many present bodies have to be verified again."""
    day = today()
    rows = visible_to(actor).filter(Q(until=None) | Q(until__gt=day))
    return rows.filter(overdue_condition(day)).count()


def _offers() -> Prefetch:
    return Prefetch("services", Service.objects.prefetch_related("coverage", "hours").order_by("service", "id"))


def whole(actor: Actor, organisation_id: UUID) -> Organisation | None:
    """One body with its services, hours, coverage, names and successors; None when there is none to see."""
    return (
        visible_to(actor)
        .select_related("verified_by", "affiliation", "team")
        .prefetch_related(
            _offers(),
            "variants",
            Prefetch("successors", Succession.objects.select_related("after").order_by("on")),
            Prefetch("predecessors", Succession.objects.select_related("before").order_by("on")),
        )
        .filter(pk=organisation_id)
        .first()
    )


# --- searching ------------------------------------------------------------------------------------------------------


def providers(
    service: str,
    region: str,
    *,
    child: ForWhom = ANYBODY,
    moment: datetime | None = None,
    does: Collection[str] = (Does.PROVIDES,),
) -> list[Provider]:
    """Everybody who provides a service for a place, the best first, each with the reasons why it may not do.

    Bodies that ended come last with "ended" and the bodies that have their tasks `now`. Three queries, two more when
    somebody ended. The rows hold no word about the child: what `child` asks is answered and forgotten.
    """
    return _providers(Search(region=region, service=service, does=does, child=child), moment or clock.now())


def find(search: Search, *, moment: datetime | None = None) -> list[Provider]:
    """Present bodies that match, the best first: nothing known stands in the way, and if wished it is open now."""
    moment = moment or clock.now()
    return [one for one in _providers(search, moment) if not one.refused and (one.opening.open or not search.open_now)]


def _providers(search: Search, moment: datetime) -> list[Provider]:
    day = worktime.local_day(moment, places.DEFAULT_ZONE)
    rows = Service.objects.filter(active=True, does__in=list(search.does)).select_related("organisation")
    if search.wanted:
        rows = rows.filter(service__in=search.wanted)
    if search.region:
        around = rules.regions_covering(search.region)
        rows = rows.filter(
            Q(whole_country=True) | Exists(Coverage.objects.filter(service=OuterRef("pk"), region__in=around))
        )
    if search.public:
        rows = rows.filter(organisation__public=True)
    if search.open_now:  # a first sieve: some span begins yesterday, today or tomorrow, wherever the place lies
        days = {(day.weekday() + step) % 7 for step in (-1, 0, 1)}
        span = OpeningHours.objects.filter(service=OuterRef("pk"), weekday__in=days)
        rows = rows.filter(Q(always_open=True) | Exists(span))
    if search.kinds:
        rows = rows.filter(organisation__kind__in=search.kinds)
    if search.without_kinds:
        rows = rows.exclude(organisation__kind__in=search.without_kinds)
    found = list(rows.prefetch_related("coverage", "hours"))
    gone = {one.organisation_id: one.organisation for one in found if not exists_on(one.organisation, day)}
    successors = _present(list(gone.values()), day)
    made = [_provider(one, search, moment, day, successors.get(one.organisation_id)) for one in found]
    return sorted(made, key=_order)


def _provider(
    service: Service, search: Search, moment: datetime, day: date, successors: tuple[Organisation, ...] | None
) -> Provider:
    body = service.organisation
    state = opening_of(service, moment)
    found = list(rules.hindrances(terms_of(service), search.child))
    if not state.open:
        found.insert(0, Hindrance("closed", sure=state.known))
    if successors is not None:
        found.insert(0, Hindrance("ended", sure=True))
    return Provider(
        organisation=body,
        service=service,
        opening=state,
        hindrances=tuple(found),
        near=rules.nearness(
            (row.region for row in service.coverage.all()), search.region, whole_country=service.whole_country
        ),
        overdue=overdue(body, day),
        now=successors or (),
    )


def _order(one: Provider) -> tuple[object, ...]:
    ended = any(hindrance.code == "ended" for hindrance in one.hindrances)
    unsure = sum(1 for hindrance in one.hindrances if hindrance.code != "closed")
    ranks = {Does.PROVIDES: 0, Does.FACILITATES: 1, Does.IDENTIFIES: 2}
    return (
        ended, one.refused, ranks.get(Does(one.service.does), 3), not one.opening.open, unsure, -one.near,
        one.overdue, one.organisation.name, str(one.service.pk),
    )  # fmt: skip


def hours_of(service: Service) -> list[Hours]:
    """The hours of a service as plain values."""
    return [Hours(row.weekday, row.opens, row.closes, row.holidays) for row in service.hours.all()]


def opening_of(service: Service, moment: datetime) -> Opening:
    """Whether a service answers at a moment, on the clock of its body."""
    return rules.opening(moment, hours_of(service), service.organisation.tz, always_open=service.always_open)


def terms_of(service: Service) -> Terms:
    """For whom a service is, as plain values."""
    return Terms(
        age_from=service.age_from,
        age_to=service.age_to,
        accepts_boys=service.accepts_boys,
        accepts_girls=service.accepts_girls,
        siblings=service.siblings,
        with_mother=service.with_mother,
        lgbt_safe=service.lgbt_safe,
        wheelchair=service.wheelchair,
        sign_language=service.sign_language,
        night_admission=service.night_admission,
        languages=tuple(service.languages.split()),
    )


# --- words ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Where:
    """What a service covers, in words."""

    whole_country: bool = False
    names: list[str] = field(default_factory=list)


def where(service: Service) -> Where:
    """The regions of a service by name, in the order of their codes."""
    return Where(service.whole_country, region_names(row.region for row in service.coverage.all()))


def region_names(codes: Iterable[str]) -> list[str]:
    """Names of regions; below the regency its name with the code, because there are no names."""
    return [region_name(code) for code in sorted(codes)]


def region_name(code: str) -> str:
    """The name of one region, "" for the whole country."""
    place = places.get(code[:5]) if code else None
    if place is None:
        return code
    return place.name if len(code) <= 5 else f"{place.name} ({code})"


def service_choices() -> list[tuple[str, str]]:
    """Every service with its name, for a form."""
    return [(kind.code, kind.label) for kind in knowledge.services().values()]


def hours_rows(service: Service) -> list[OpeningHours]:
    """The hours as they are kept, Monday first."""
    return list(service.hours.all())
