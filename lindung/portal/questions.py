"""The pages of the walk as typed, checked data (questions.yaml) and the national channels (channels.yaml).

Everything here is read once and never changes. A wrong file raises KnowledgeError and names the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language

from lindung.core.knowledge import KnowledgeError, load_yaml
from lindung.reporting import knowledge

FIELD_KINDS = frozenset({"choice", "tap", "text", "place"})
SELF_PATHS = frozenset({"child", "young_child"})
"""Paths on which people speak about themselves."""


@dataclass(frozen=True)
class Words:
    """A text in both languages. `str()` follows the active language, `paragraphs` splits at empty lines."""

    id: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "id").startswith("en") else self.id

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in str(self).split("\n\n") if part.strip()]


@dataclass(frozen=True)
class Channel:
    """One national channel. `kind`: urgent, call, chat or site; `checked`: the day on which `source` was read."""

    code: str
    kind: str
    name: Words
    number: str
    label: Words
    about: Words
    url: str
    source: str
    checked: Any
    hidden: bool = False

    @property
    def leaves(self) -> bool:
        """Whether the link opens somebody else's site."""
        return self.url.startswith("https:")


@dataclass(frozen=True)
class Field:
    """One answer on a page. `name` is a question of reporting/knowledge/answers.yaml."""

    name: str
    kind: str
    label: Words
    hint: Words | None = None
    rows: int = 3
    columns: bool = False
    omit: frozenset[str] = frozenset()
    other_omit: frozenset[str] = frozenset()
    other_labels: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """One button. `sets` writes answers, `clear` removes them, `mark` and `unmark` remember a wish, `go` leads on."""

    code: str
    look: str
    label: Words
    sets: Mapping[str, str | list[str]] = field(default_factory=dict)
    clear: tuple[str, ...] = ()
    mark: str = ""
    unmark: str = ""
    go: str = "next"
    only_path: str = ""
    unless_path: str = ""

    def on(self, path: str) -> bool:
        """Whether the button stands on the page for this entry path."""
        return (not self.only_path or path == self.only_path) and (not self.unless_path or path != self.unless_path)


@dataclass(frozen=True)
class Link:
    """A way out of the walk that is no answer. `to` is help or the code of a channel."""

    to: str
    label: Words


@dataclass(frozen=True)
class Condition:
    """Holds when the answer is among `among`, or not among `without`, or known, or when a mark is set."""

    answer: str = ""
    among: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    or_empty: bool = False
    known: str = ""
    mark: str = ""
    unless_path: str = ""
    or_mark: str = ""

    def holds(self, path: str, answers: Mapping[str, Any], marks: list[str]) -> bool:
        if self.unless_path:
            return path != self.unless_path or self.or_mark in marks
        if self.mark:
            return self.mark in marks
        if self.known:
            return bool(answers.get(self.known))
        value = answers.get(self.answer) or []
        chosen = {value} if isinstance(value, str) else set(value)
        if self.without:
            return not chosen & self.without
        return bool(chosen & self.among) or (self.or_empty and not chosen)


@dataclass(frozen=True)
class Variant:
    """The words of a page for one group of readers."""

    title: Words
    text: Words | None


@dataclass(frozen=True)
class Callout:
    title: Words
    text: Words
    only_path: str = ""


@dataclass(frozen=True)
class Screen:
    """One page. `tab` is the dull title of a page that is not numbered; `anytime` the path that it begins."""

    slug: str
    own: Variant
    other: Variant
    by_path: Mapping[str, Variant]
    small: Words | None
    calls: tuple[Channel, ...]
    links: tuple[Link, ...]
    fields: tuple[Field, ...]
    actions: tuple[Action, ...]
    when: tuple[Condition, ...]
    callout: Callout | None
    tab: Words | None
    anytime: str

    def words(self, path: str) -> Variant:
        """The words for this entry path."""
        return self.by_path.get(path) or (self.own if path in SELF_PATHS else self.other)

    def asked(self, path: str, answers: Mapping[str, Any], marks: list[str]) -> bool:
        """Whether the page belongs to a walk that stands like this."""
        return all(condition.holds(path, answers, marks) for condition in self.when)


@dataclass(frozen=True)
class Path:
    """Who speaks, where they begin, and which pages they may meet, in order."""

    code: str
    intro: str
    label: Words
    steps: tuple[str, ...]


_NEXT = Action("next", "main", Words("Lanjut", "Continue"))
_SKIP = Action("skip", "quiet", Words("Lewati", "Skip"))


def _file(name: str) -> dict[str, Any]:
    return dict(load_yaml("lindung.portal", name))


def _words(where: str, raw: Any) -> Words:
    if not isinstance(raw, dict) or not raw.get("id") or not raw.get("en"):
        raise KnowledgeError(f"{where}: expected id and en, both filled")
    return Words(str(raw["id"]).strip(), str(raw["en"]).strip())


def _maybe(where: str, raw: Any) -> Words | None:
    return None if raw is None else _words(where, raw)


@cache
def channels() -> Mapping[str, Channel]:
    """The national channels by code, in the order of the file."""
    found = {}
    for raw in _file("channels.yaml")["channels"]:
        where = f"channels.yaml: {raw['code']}"
        if not raw.get("source") or not raw.get("checked") or not raw["url"].startswith(("tel:", "https://")):
            raise KnowledgeError(f"{where}: expected a source, the day it was checked, and a tel: or https: address")
        found[raw["code"]] = Channel(
            code=raw["code"],
            kind=raw["kind"],
            name=_words(where, raw["name"]),
            number=str(raw["number"]),
            label=_words(where, raw["label"]),
            about=_words(where, raw["about"]),
            url=raw["url"],
            source=raw["source"],
            checked=raw["checked"],
            hidden=bool(raw.get("hidden")),
        )
    return MappingProxyType(found)


@cache
def paths() -> Mapping[str, Path]:
    """The entry paths by code, in the order in which they are offered."""
    found = {}
    for raw in _file("questions.yaml")["paths"]:
        where = f"questions.yaml: path {raw['code']}"
        steps = tuple(raw["steps"])
        if raw["code"] not in knowledge.questions()["path"].options or raw["intro"] != steps[0]:
            raise KnowledgeError(f"{where}: expected a path of answers.yaml that begins with its intro")
        unknown = [slug for slug in steps if slug not in screens()]
        if unknown or len(set(steps)) != len(steps):
            raise KnowledgeError(f"{where}: expected known pages, each once ({unknown})")
        found[raw["code"]] = Path(raw["code"], raw["intro"], _words(where, raw), steps)
    return MappingProxyType(found)


@cache
def screens() -> Mapping[str, Screen]:
    """The pages of the walk by slug."""
    return MappingProxyType({slug: _screen(slug, raw) for slug, raw in _file("questions.yaml")["screens"].items()})


@cache
def pages() -> Mapping[str, Screen]:
    """Pages to read, outside the walk, by slug."""
    return MappingProxyType({slug: _screen(slug, raw) for slug, raw in _file("questions.yaml")["pages"].items()})


@cache
def intros() -> Mapping[str, str]:
    """The first pages, and those that may begin a walk at any time, with the path that they begin."""
    found = {path.intro: path.code for path in paths().values()}
    found |= {screen.slug: screen.anytime for screen in screens().values() if screen.anytime}
    return MappingProxyType(found)


def _screen(slug: str, raw: dict[str, Any]) -> Screen:
    where = f"questions.yaml: {slug}"
    own = Variant(_words(where, raw["title"]), _maybe(where, raw.get("text")))
    fields = tuple(_fields(where, raw.get("fields", [])))
    actions = tuple(_action(where, a) for a in raw.get("actions", []))
    if fields and not actions:
        actions = (_SKIP,) if fields[0].kind in {"tap", "place"} else (_NEXT, _SKIP)
    callout = raw.get("callout")
    return Screen(
        slug=slug,
        own=own,
        other=_variant(where, own, raw.get("other")),
        by_path=MappingProxyType({p: _variant(where, own, v) for p, v in raw.get("other_by_path", {}).items()}),
        small=_maybe(where, raw.get("small")),
        calls=tuple(channels()[code] for code in raw.get("calls", [])),
        links=tuple(Link(entry["to"], _words(where, entry)) for entry in raw.get("links", [])),
        fields=fields,
        actions=actions,
        when=tuple(_condition(where, c) for c in raw.get("when", [])),
        callout=callout
        and Callout(_words(where, callout["title"]), _words(where, callout["text"]), callout.get("only_path", "")),
        tab=_maybe(where, raw.get("tab")),
        anytime=raw.get("anytime", ""),
    )


def _variant(where: str, own: Variant, raw: dict[str, Any] | None) -> Variant:
    if raw is None:
        return own
    return Variant(
        _words(where, raw["title"]) if "title" in raw else own.title,
        _words(where, raw["text"]) if "text" in raw else own.text,
    )


def _fields(where: str, entries: list[dict[str, Any]]) -> Iterator[Field]:
    for raw in entries:
        question = knowledge.questions().get(raw["name"])
        if question is None or raw["kind"] not in FIELD_KINDS:
            raise KnowledgeError(f"{where}: {raw['name']!r}: expected a question of answers.yaml and a known kind")
        labels = raw.get("other_labels", {})
        omitted = {*raw.get("omit", []), *raw.get("other_omit", []), *labels}
        if not omitted <= set(question.options):
            raise KnowledgeError(f"{where}: {raw['name']}: unknown codes {sorted(omitted - set(question.options))}")
        yield Field(
            name=raw["name"],
            kind=raw["kind"],
            label=_words(where, raw) if "id" in raw else Words(question.label_id, question.label_en),
            hint=_maybe(where, raw.get("hint")),
            rows=int(raw.get("rows", 3)),
            columns=bool(raw.get("columns")),
            omit=frozenset(raw.get("omit", [])),
            other_omit=frozenset(raw.get("other_omit", raw.get("omit", []))),
            other_labels=MappingProxyType({code: _words(where, entry) for code, entry in labels.items()}),
        )


def _action(where: str, raw: dict[str, Any]) -> Action:
    for name, value in raw.get("set", {}).items():
        known = knowledge.questions()[name].options
        if not set([value] if isinstance(value, str) else value) <= set(known):
            raise KnowledgeError(f"{where}: {raw['code']}: {name} does not know {value!r}")
    return Action(
        code=raw["code"],
        look=raw["look"],
        label=_words(where, raw),
        sets=MappingProxyType(raw.get("set", {})),
        clear=tuple(raw.get("clear", [])),
        mark=raw.get("mark", ""),
        unmark=raw.get("unmark", ""),
        go=raw.get("go", "next"),
        only_path=raw.get("only_path", ""),
        unless_path=raw.get("unless_path", ""),
    )


def _condition(where: str, raw: dict[str, Any]) -> Condition:
    known = {"answer", "is", "not", "or_empty", "known", "mark", "unless_path", "or_mark"}
    if set(raw) - known:
        raise KnowledgeError(f"{where}: when: unknown {sorted(set(raw) - known)}")
    return Condition(
        answer=raw.get("answer", ""),
        among=frozenset(raw.get("is", [])),
        without=frozenset(raw.get("not", [])),
        or_empty=bool(raw.get("or_empty")),
        known=raw.get("known", ""),
        mark=raw.get("mark", ""),
        unless_path=raw.get("unless_path", ""),
        or_mark=raw.get("or_mark", ""),
    )
