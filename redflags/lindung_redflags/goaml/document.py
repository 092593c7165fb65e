"""Writes a report as goAML XML and keeps, on the way, the list of what is still missing.

The order of elements is that of goAML 5.0.x. Same evidence, same profile, same date: same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from lindung_redflags.goaml.model import Evidence, Party, Payment, Reporter
from lindung_redflags.goaml.names import ascii_name, xml_text
from lindung_redflags.goaml.narrative import channel
from lindung_redflags.goaml.profile import Profile
from lindung_redflags.goaml.readiness import Gap, Place

_NAMES = {
    "first_name", "middle_name", "last_name", "account_name", "name", "commercial_name",
}  # fmt: skip


@dataclass
class Writer:
    """Adds elements one after another; what a form wants and nobody knows becomes a gap."""

    evidence: Evidence
    reporter: Reporter
    profile: Profile
    made_on: date
    gaps: set[Gap]

    # --- single elements ---------------------------------------------------------------------------------------------

    def wanted(self, part: str, name: str, client: bool) -> bool:
        return bool({f"{part}/{name}", f"client_{part}/{name}" if client else ""} & self.profile.mandatory)

    def put(
        self, parent: Any, part: str, name: str, value: str, place: Place, *, tag: str = "", client: bool = False,
    ) -> Any | None:  # fmt: skip
        """Add one element when there is something to say; else note the gap when the form wants it."""
        if f"{part}/{name}" in self.profile.omit:
            return None
        value = xml_text(value).strip() or self.profile.fixed.get(f"{part}/{name}", "")
        if name in _NAMES and self.profile.ascii_names and value:
            plain = ascii_name(value, 255 if name in ("account_name", "name") else 100)
            if plain != value:
                self.gaps.add(Gap(
                    f"{part}/{name}", place.about, "check", False, f"{place.says_id}; periksa alih aksara",
                    f"{place.says_en}; check the transliteration",
                ))  # fmt: skip
            value = plain
        if not value:
            if self.wanted(part, name, client):
                self.gaps.add(Gap(f"{part}/{name}", place.about, "field", True, place.says_id, place.says_en))
            return None
        element = etree.SubElement(parent, tag or name)
        element.text = value
        return element

    def code(
        self, parent: Any, part: str, name: str, table: str, key: str, place: Place, *, tag: str = "",
        client: bool = False,
    ) -> None:  # fmt: skip
        """Add a code of the profile; an unknown key is a gap of the data, an empty code one of the profile."""
        if f"{part}/{name}" in self.profile.omit:
            return
        code = self.profile.code(table, key) if key else ""
        if key and not code and not self.profile.fixed.get(f"{part}/{name}"):
            where = f"[codes.{table}] {key}"
            self.gaps.add(Gap(
                f"{part}/{name}", where, "code", self.wanted(part, name, client),
                f"profil {self.profile.id}: {where}", f"profile {self.profile.id}: {where}",
            ))  # fmt: skip
            return
        self.put(parent, part, name, code, place, tag=tag, client=client)

    def original_names(self, part: str, *names: str) -> str:
        """What the comments say about names that were transliterated; empty when none was."""
        changed = [n for n in names if n and self.profile.ascii_names and ascii_name(n, 255) != n]
        return f"Nama asli / original name: {' '.join(changed)}" if changed else ""

    def moment(self, t: int) -> str:
        local = datetime.fromtimestamp(t, UTC) + timedelta(minutes=self.profile.utc_offset)
        return local.strftime("%Y-%m-%dT%H:%M:%S")

    # --- the parts ---------------------------------------------------------------------------------------------------

    def report(self, reason: str) -> Any:
        root = etree.Element("report")
        profile, reporter, alert = self.profile, self.reporter, self.evidence.alert

        def mine(name: str) -> Place:
            return Place.reporter(name)

        given = Place("report", "diisi oleh program", "filled in by the program")
        self.put(root, "report", "schema_version", profile.schema_version, given)
        self.put(root, "report", "rentity_id", reporter.rentity_id, mine("rentity_id"))
        self.put(root, "report", "rentity_branch", reporter.rentity_branch, mine("rentity_branch"))
        self.code(root, "report", "submission_code", "submission", "electronic", given)
        self.code(root, "report", "report_code", "report", alert.subject_class, given)
        self.put(root, "report", "entity_reference", f"RF-{alert.alert_id[:32]}" if alert.alert_id else "", given)
        self.put(root, "report", "report_date", self.made_on.strftime("%Y-%m-%dT00:00:00"), given)
        self.put(root, "report", "currency_code_local", profile.currency, given)
        if reporter.reporting_user_code:
            self.put(root, "report", "reporting_user_code", reporter.reporting_user_code, mine("reporting_user_code"))
        else:
            person = etree.SubElement(root, "reporting_person")
            for name in ("first_name", "last_name", "email", "occupation"):
                self.put(person, "reporting_person", name, getattr(reporter, name), mine(name))
            original = self.original_names("reporting_person", reporter.first_name, reporter.last_name)
            self.put(person, "reporting_person", "comments", original, mine("last_name"))
        self.put(root, "report", "reason", reason, given)
        self.put(root, "report", "action", reporter.action, mine("action"))
        payments = alert.completed
        if not payments and self.wanted("report", "transaction", False):
            self.gaps.add(Gap("report/transaction", alert.alert_id, "field", True,
                              "tidak ada pembayaran yang selesai dalam peringatan ini",
                              "the alert has no completed payment"))  # fmt: skip
        for payment in payments:
            self.transaction(root, payment)
        self.indicators(root)
        return root

    def indicators(self, root: Any) -> None:
        codes: list[str] = []
        bare: list[str] = []
        for name in sorted({hit.indicator for hit in self.evidence.alert.hits}):
            found = self.profile.indicators.get(name, ())
            codes += [code for code in found if code not in codes]
            if not found:
                bare.append(name)
        needed = self.wanted("report", "indicator", False) and not (codes and self.profile.indicators_as_text)
        for name in bare:
            where = f"[indicators] {name}"
            self.gaps.add(Gap("report/indicator", where, "code", needed, f"profil {self.profile.id}: {where}",
                              f"profile {self.profile.id}: {where}"))  # fmt: skip
        if codes:
            parent = etree.SubElement(root, "report_indicators")
            for code in codes:
                etree.SubElement(parent, "indicator").text = code

    def transaction(self, root: Any, payment: Payment) -> None:
        element = etree.SubElement(root, "transaction")
        row = Place.payment(payment.tx_id)
        self.put(element, "transaction", "transactionnumber", payment.tx_id, row)
        self.put(element, "transaction", "transaction_is_suspicious", "true", row)
        self.put(element, "transaction", "internal_ref_number", payment.tx_id, row)
        self.put(element, "transaction", "transaction_location", self.reporter.city, Place.reporter("city"))
        text = f"Pembayaran melalui {channel(payment.channel)}"
        text += f". Berita: {payment.remark}" if payment.remark else ""
        self.put(element, "transaction", "transaction_description", text[: self.profile.text_limit], row)
        self.put(element, "transaction", "date_transaction", self.moment(payment.t), row)
        for name in ("teller", "authorized"):
            self.put(element, "transaction", name, "", row)
        self.code(element, "transaction", "transmode_code", "channel", payment.channel, row)
        self.put(element, "transaction", "transmode_comment", "", row)
        self.put(element, "transaction", "amount_local", f"{payment.amount_idr}.00", row)
        self.leg(element, "from", payment.payer_id, payment.payer_country, payment)
        self.leg(element, "to", payment.payee_id, payment.payee_country, payment)

    def leg(self, parent: Any, side: str, account_id: str, country: str, payment: Payment) -> None:
        party = self.evidence.parties[account_id]
        row = Place.payment(payment.tx_id)
        leg = etree.SubElement(parent, f"t_{side}_my_client" if party.customer else f"t_{side}")
        self.code(leg, "leg", "funds_code", "funds", payment.channel, row, tag=f"{side}_funds_code")
        if payment.currency != self.profile.currency:
            foreign = etree.SubElement(leg, f"{side}_foreign_currency")
            etree.SubElement(foreign, "foreign_currency_code").text = payment.currency
            etree.SubElement(foreign, "foreign_amount").text = f"{payment.amount.normalize():f}"
            rate = (Decimal(payment.amount_idr) / payment.amount).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            etree.SubElement(foreign, "foreign_exchange_rate").text = f"{rate:f}"
        suspected = "true" if self.evidence.is_suspected(account_id) else "false"
        self.put(leg, "leg", "is_suspected", suspected, row, tag=f"{side}_is_suspected")
        self.account(leg, f"{side}_account", party)
        where = Place.party(account_id, "country")
        self.put(leg, "leg", "country", country or party.country, where, tag=f"{side}_country")

    def account(self, parent: Any, tag: str, party: Party) -> None:
        element = etree.SubElement(parent, tag)
        client = party.customer
        own = self.reporter if client else Reporter()

        def put(name: str, value: str, column: str = "") -> None:
            self.put(element, "account", name, value, Place.party(party.account_id, column or name), client=client)

        put("institution_name", party.institution_name or own.name)
        swift, institution = party.swift or own.swift, party.institution_code or own.institution_code
        if swift and not institution:
            put("swift", swift)
        else:
            put("institution_code", institution)
        put("branch", party.branch)
        put("account", party.account_id, "account_id")
        put("currency_code", party.account_currency, "account_currency")
        put("account_name", party.account_name)
        put("client_number", party.holder_id, "holder_id")
        where = Place.party(party.account_id, "product")
        self.code(element, "account", "personal_account_type", "account_type", party.product, where, client=client)
        original = self.original_names("account", party.account_name)
        if party.is_entity:
            self.entity(element, party)
        elif party.first_name or party.last_name or client:
            signatory = etree.SubElement(element, "signatory")
            etree.SubElement(signatory, "is_primary").text = "1"
            self.person(signatory, party)
            self.code(signatory, "account", "role", "role", "holder", where, client=client)
        put("opened", _day(party.opened_on), "opened_on")
        where = Place.party(party.account_id, "account_status")
        self.code(element, "account", "status_code", "account_status", party.account_status, where, client=client)
        put("beneficiary", "", "account_name")
        put("comments", original)

    def person(self, parent: Any, party: Party) -> None:
        element = etree.SubElement(parent, "t_person")

        def put(name: str, value: str, column: str = "", to: Any = element, part: str = "person") -> None:
            self.put(to, part, name, value, Place.party(party.account_id, column or name), client=party.customer)

        def code(to: Any, part: str, name: str, table: str, key: str, column: str) -> None:
            self.code(to, part, name, table, key, Place.party(party.account_id, column), client=party.customer)

        code(element, "person", "gender", "gender", party.gender, "gender")
        for name in ("first_name", "middle_name", "last_name"):
            put(name, getattr(party, name))
        put("birthdate", _day(party.birth_date), "birth_date")
        put("birth_place", party.birth_place)
        if party.passport_number and party.passport_country:
            put("passport_number", party.passport_number)
            put("passport_country", party.passport_country)
        put("id_number", party.id_number)
        put("nationality1", party.nationality, "nationality")
        put("residence", party.residence)
        if party.phone:
            phone = etree.SubElement(etree.SubElement(element, "phones"), "phone")
            code(phone, "phone", "tph_contact_type", "contact", "private", "phone")
            code(phone, "phone", "tph_communication_type", "communication", "mobile", "phone")
            put("tph_number", party.phone, "phone", phone, "phone")
        if party.street and party.city:
            address = etree.SubElement(etree.SubElement(element, "addresses"), "address")
            code(address, "address", "address_type", "address", "home", "street")
            put("address", party.street, "street", address, "address")
            put("city", party.city, "city", address, "address")
            put("country_code", party.residence or party.country, "residence", address, "address")
        put("email", party.email)
        put("occupation", party.occupation)
        put("tax_reg_number", "", "id_number")
        put("comments", self.original_names("person", party.first_name, party.middle_name, party.last_name))

    def entity(self, parent: Any, party: Party) -> None:
        element = etree.SubElement(parent, "t_entity")

        def put(name: str, value: str, column: str = "") -> None:
            place = Place.party(party.account_id, column or name)
            self.put(element, "entity", name, value, place, client=party.customer)

        put("name", party.entity_name, "entity_name")
        put("incorporation_number", party.incorporation_number)
        put("business", party.business)
        put("email", party.email)
        put("incorporation_country_code", party.residence or party.country, "residence")
        put("comments", self.original_names("entity", party.entity_name))


def _day(day: date | None) -> str:
    return day.strftime("%Y-%m-%dT00:00:00") if day else ""
