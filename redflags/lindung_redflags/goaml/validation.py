"""Checks a report against the schema file of the FIU, which the reporter supplies and this distribution never ships.

Three traps of such files are handled when one is loaded, in memory only, and every change is recorded:
1. vc:minVersion="1.1": a validator of XSD 1.0 reads such a schema as an empty one and says nothing. Here XSD 1.1 is
   used, libxml2 (which ignores the mark) looks a second time, and a schema without the element `report` is refused.
2. Patterns written for .NET: ^ and $ are ordinary characters in XSD, where a pattern always means the whole text, so
   ^[a-z]*$ refuses every name. The anchors are taken away; a hyphen after a range, as in [a-z-+], is escaped.
3. Names in ASCII letters only: see `names`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

from lindung_redflags.errors import RedflagsError

XS = "{http://www.w3.org/2001/XMLSchema}"
VC = "{http://www.w3.org/2007/XMLSchema-versioning}"
_RANGE_THEN_HYPHEN = re.compile(r"((?<![\\])[A-Za-z0-9]-[A-Za-z0-9])-(?=[^\]\[])")


class BadSchema(RedflagsError):
    """The schema file cannot be used."""


@dataclass(frozen=True)
class Finding:
    """One thing in a report that the schema does not allow. `path`: where; `says`: what was expected, in English."""

    path: str
    says: str
    by: str


@dataclass(frozen=True)
class Result:
    """What the validators said. `checked_by`: those that could read the schema; `patches`: changes made in memory."""

    findings: tuple[Finding, ...]
    checked_by: tuple[str, ...]
    patches: tuple[str, ...]
    schema_sha256: str

    @property
    def valid(self) -> bool:
        return not self.findings and bool(self.checked_by)


@dataclass(frozen=True)
class Schema:
    """A schema as it was loaded: two validators and what was changed for them."""

    first: Any
    second: Any | None
    patches: tuple[str, ...]
    sha256: str

    def check(self, document: bytes) -> Result:
        """Validate a report. Raises BadSchema when the document is not XML at all."""
        try:
            tree = etree.fromstring(document, _parser())
        except etree.XMLSyntaxError as error:
            raise BadSchema(f"the report is not XML: {error}") from error
        findings = [
            Finding(str(error.path or "/report"), str(error.reason or error.message), "xmlschema")
            for error in self.first.iter_errors(tree)
        ]
        checked_by = ["xmlschema"]
        if self.second is not None:
            checked_by.append("libxml2")
            if not self.second.validate(tree):
                log = self.second.error_log
                findings += [Finding(entry.path or "/report", entry.message, "libxml2") for entry in log]
        return Result(tuple(findings), tuple(checked_by), self.patches, self.sha256)


def load_schema(path: Path) -> Schema:
    """Read the FIU's schema file and mend what would make it refuse everything or nothing. Raises BadSchema."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadSchema(f"{path}: expected the schema file (XSD) that your FIU gave you") from error
    try:
        root = etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError as error:
        raise BadSchema(f"{path}: not XML: {error}") from error
    info: Any = root.getroottree().docinfo
    if info.doctype:
        raise BadSchema(f"{path}: a schema file with a DOCTYPE is not read")
    if root.tag != f"{XS}schema":
        raise BadSchema(f"{path}: expected xs:schema, found {etree.QName(root).localname}")
    for kind in ("include", "import", "redefine", "override"):
        if any(one.get("schemaLocation") for one in root.iter(f"{XS}{kind}")):
            raise BadSchema(f"{path}: expected one file; xs:{kind} of another file is not followed")
    patches = _mend(root)
    try:
        first = xmlschema.XMLSchema11(etree.tostring(root, encoding="unicode"), allow="none")
    except (xmlschema.XMLSchemaException, etree.LxmlError, ValueError, re.error) as error:
        raise BadSchema(f"{path}: not a usable schema: {str(error).splitlines()[0]}") from error
    if "report" not in first.elements:
        found = f"{len(first.elements)} elements, none called `report`"
        raise BadSchema(f"{path}: the schema has {found}; expected goAML 5.0.x")
    second = None
    try:
        second = etree.XMLSchema(root)
    except etree.XMLSchemaParseError as error:
        patches.append(f"libxml2 cannot read the schema and did not check: {error}")
    return Schema(first, second, tuple(patches), hashlib.sha256(raw).hexdigest())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _mend(root: Any) -> list[str]:
    """Change the tree in place; return what was changed, with lines of the file."""
    done: list[str] = []
    least = root.get(f"{VC}minVersion")
    if least is not None:
        done.append(f'line {root.sourceline}: vc:minVersion="{least}" is honoured by checking as XSD 1.1')
    for facet in root.iter(f"{XS}pattern"):
        before = facet.get("value") or ""
        after = mended_pattern(before)
        if after != before:
            facet.set("value", after)
            done.append(f"line {facet.sourceline}: pattern {before} is read as {after}")
    return done


def mended_pattern(pattern: str) -> str:
    """Return a pattern without anchors at the ends of its alternatives, and with stray hyphens of classes escaped.

    Only ^ at the beginning and $ at the end of an alternative are anchors; elsewhere, escaped or in a class, they stay.
    """
    parts: list[str] = []  # one escape, class or character each
    here = 0
    while here < len(pattern):
        if pattern[here] == "\\":
            size = 2
        elif pattern[here] == "[":
            size = _class_length(pattern, here)
        else:
            size = 1
        parts.append(pattern[here : here + size])
        here += size
    kept = []
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else "|"
        after = parts[number + 1] if number + 1 < len(parts) else "|"
        if part == "^" and before in ("|", "("):
            continue
        if part == "$" and after in ("|", ")"):
            continue
        kept.append(_RANGE_THEN_HYPHEN.sub(r"\1\\-", part) if part.startswith("[") else part)
    return "".join(kept)


def _class_length(pattern: str, start: int) -> int:
    """The length of the character class that begins at `start`, subtractions inside it included."""
    depth, here = 0, start
    while here < len(pattern):
        if pattern[here] == "\\":
            here += 2
            continue
        depth += {"[": 1, "]": -1}.get(pattern[here], 0)
        here += 1
        if depth == 0:
            break
    return here - start
