"""A draft report from an alert: the XML, the text, the list of what is missing; nothing is exported too early."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from lxml import etree

from lindung_redflags.errors import RedflagsError
from lindung_redflags.goaml.document import Writer
from lindung_redflags.goaml.model import Evidence, Reporter
from lindung_redflags.goaml.names import xml_text
from lindung_redflags.goaml.narrative import Narrative, draft, shortened
from lindung_redflags.goaml.profile import Profile
from lindung_redflags.goaml.readiness import Gap, NotReady, in_order
from lindung_redflags.goaml.release import Release, missing
from lindung_redflags.goaml.validation import Result, Schema

_DRAFT = "RANCANGAN, BELUM LENGKAP - DRAFT, INCOMPLETE"


class NotValid(RedflagsError):
    """A finished report that the schema of the FIU does not allow. `result`: what the validators said, with values."""

    def __init__(self, result: Result) -> None:
        self.result = result
        first = ", ".join(dict.fromkeys(one.path for one in result.findings[:6]))
        super().__init__(f"the report does not fit the schema, {len(result.findings)} findings: {first}")


@dataclass(frozen=True)
class Report:
    """A report as it stands: bytes of the XML, the text, what is missing, and what the validators said, if asked."""

    xml: bytes
    narrative: Narrative
    gaps: tuple[Gap, ...]
    is_draft: bool
    checked: Result | None = None
    release: Release | None = None

    @property
    def ready(self) -> bool:
        return not any(gap.mandatory for gap in self.gaps)


def readiness(
    evidence: Evidence, reporter: Reporter, profile: Profile, *, made_on: date, release: Release | None = None,
) -> tuple[Gap, ...]:  # fmt: skip
    """List what is missing for a report, what is mandatory first."""
    return _compose(evidence, reporter, profile, made_on, release)[2]


def make(
    evidence: Evidence, reporter: Reporter, profile: Profile, *, made_on: date, release: Release | None = None,
    schema: Schema | None = None, as_draft: bool = False,
) -> Report:  # fmt: skip
    """Write a report. `made_on`: the date it bears; `release`: needed when it names a possible victim.

    Raises NotReady while something mandatory is missing and NotValid when the schema does not allow it, unless
    `as_draft`, which marks the report as one that cannot be sent.
    """
    root, narrative, gaps = _compose(evidence, reporter, profile, made_on, release)
    needed = [gap for gap in gaps if gap.mandatory]
    if needed and not as_draft:
        raise NotReady(gaps)
    if schema is None:
        gaps = in_order([*gaps, Gap(
            "report", "schema", "check", False, "berkas skema (XSD) dari PPATK atau FIU: belum diperiksa terhadapnya",
            "schema file (XSD) from the FIU: not yet checked against it",
        )])  # fmt: skip
    if as_draft:
        reason = root.find("reason")
        if reason is not None:
            reason.text = shortened(f"{_DRAFT}\n{reason.text}", profile.text_limit)
        lacking = "".join(f"\n  {gap.element}: {gap.fill_en}" for gap in needed)
        text = xml_text(f" {_DRAFT}: {len(needed)} mandatory things are missing{lacking}\n")
        root.insert(0, etree.Comment(re.sub("-(?=-)", "- ", text)))
    xml = _bytes(root)
    checked = schema.check(xml) if schema is not None else None
    if checked is not None and not checked.valid and not as_draft:
        raise NotValid(checked)
    return Report(xml, narrative, gaps, as_draft, checked, release)


def write(report: Report, folder: Path, name: str) -> tuple[Path, ...]:
    """Write the text in both languages, the readiness list and, last, the XML; all files or none. Returns their paths.

    A draft is called NAME.draft.xml. The files are readable by their owner only. Raises RedflagsError when one is there
    already: a report that somebody may have looked at is not replaced.
    """
    if Path(name).name != name:
        raise RedflagsError(f"{name!r}: expected a name of a file without a folder")
    middle = ".draft" if report.is_draft else ""
    state = {
        "ready": report.ready and not report.is_draft,
        "draft": report.is_draft,
        "sha256": hashlib.sha256(report.xml).hexdigest(),
        "release": asdict(report.release) if report.release else None,
        "gaps": [asdict(gap) for gap in report.gaps],
        "schema": asdict(report.checked) | {"valid": report.checked.valid} if report.checked else None,
    }
    listed = json.dumps(state, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    contents = {
        f"{name}{middle}.id.txt": (report.narrative.text_id + "\n").encode(),
        f"{name}{middle}.en.txt": (report.narrative.text_en + "\n").encode(),
        f"{name}{middle}.readiness.json": listed.encode(),
        f"{name}{middle}.xml": report.xml,
    }
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if there := [one for one in contents if (folder / one).exists()]:
        raise RedflagsError(f"{folder / there[0]} is there already; expected a folder or name that is free")
    done: list[Path] = []
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as waiting:
        for one, content in contents.items():
            path = Path(waiting) / one
            path.touch(mode=0o600)
            path.write_bytes(content)
        try:
            for one in contents:
                os.rename(Path(waiting) / one, folder / one)
                done.append(folder / one)
        except OSError as error:
            for path in done:
                path.unlink(missing_ok=True)
            raise RedflagsError(f"{folder}: cannot write there: {error.strerror}") from error
    return tuple(done)


def _compose(
    evidence: Evidence, reporter: Reporter, profile: Profile, made_on: date, release: Release | None,
) -> tuple[etree._Element, Narrative, tuple[Gap, ...]]:  # fmt: skip
    writer = Writer(evidence, reporter, profile, made_on, set())
    narrative = draft(evidence, profile)
    root = writer.report(shortened(narrative.text_id, profile.text_limit))
    gaps = writer.gaps
    if evidence.names_a_possible_victim:
        for name in missing(release):
            gaps.add(Gap(
                f"release/{name}", "possible victim", "decision", True,
                f"keputusan dua orang sebelum identitas orang yang mungkin korban dikirim: {name}",
                f"decision of two people before the identity of a possible victim is sent: {name}",
            ))  # fmt: skip
    if evidence.alert.subject_class != "possible_victim" and evidence.may_be_victim(evidence.alert.account_id):
        gaps.add(Gap(
            "report/report_code", "possible victim", "decision", False,
            "subjek mungkin korban; putuskan apakah laporan ini mengenai dirinya",
            "the subject may be a victim; decide whether this report is about him or her",
        ))  # fmt: skip
    if signs := ", ".join(evidence.alert.victim_signs):
        gaps.add(Gap(
            "report/report_code", "possible victim", "decision", False,
            f"rekening ini juga punya tanda mungkin korban ({signs}) pada waktu yang sama dan dimunculkan karena ada "
            "orang yang memutuskannya; pastikan keputusan itu masih berlaku",
            f"the account also has signs of a possible victim ({signs}) in the same time and was raised because a "
            "person decided so; be sure that the decision still holds",
        ))  # fmt: skip
    if profile.own_codes:
        gaps.add(Gap(
            "report", f"profile {profile.id}", "check", False,
            "kode profil ini buatan sendiri; pakai profil dengan kode dari FIU sebelum mengirim",
            "the codes of this profile are our own; use a profile with the codes of your FIU before sending",
        ))  # fmt: skip
    return root, narrative, in_order(gaps)


def _bytes(root: etree._Element) -> bytes:
    etree.indent(root, space="  ")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written.rstrip(b"\n") + b"\n"
