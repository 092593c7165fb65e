"""Keeps the English translations whole, with nothing but Python: no gettext binaries are needed.

    python tools/messages.py check            list every text without an English translation (exit code 1 if any)
    python tools/messages.py update [ROOM]    add new texts to the catalogue of a room (or of all), drop unused ones

The source language is Indonesian: a text stands in the code as it is shown. Each room keeps its own catalogue.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lindung"
FUNCTIONS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURALS = {"ngettext", "ngettext_lazy"}
CONTEXTS = {"pgettext", "pgettext_lazy"}

_TAG = re.compile(r"{%\s*(?:translate|trans)\s+(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')([^%]*)%}")
_LITERAL = re.compile(r"_\((\"(?:[^\"\\]|\\.)*\")\)")
_BLOCK = re.compile(
    r"{%\s*(?:blocktranslate|blocktrans)\b([^%]*)%}(.*?){%\s*end(?:blocktranslate|blocktrans)\s*%}", re.S
)
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")
_CONTEXT = re.compile(r"\bcontext\s+[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class Text:
    """One text to translate, as gettext identifies it."""

    singular: str
    plural: str | None
    context: str | None
    where: str


def python_texts(path: Path) -> Iterator[Text]:
    """Yield the literal texts of gettext calls in a Python file."""
    where = str(path.relative_to(ROOT))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in FUNCTIONS and words:
            yield Text(words[0], None, None, where)
        elif name in PLURALS and len(words) >= 2:
            yield Text(words[0], words[1], None, where)
        elif name in CONTEXTS and len(words) >= 2:
            yield Text(words[1], None, words[0], where)


def template_texts(path: Path) -> Iterator[Text]:
    """Yield the texts of translate and blocktranslate tags in a Django template."""
    where = str(path.relative_to(ROOT))
    source = path.read_text(encoding="utf-8")
    for match in _TAG.finditer(source):
        context = _CONTEXT.search(match.group(2))
        yield Text(ast.literal_eval(match.group(1)), None, context.group(1) if context else None, where)
    for match in _LITERAL.finditer(source):
        yield Text(ast.literal_eval(match.group(1)), None, None, where)
    for match in _BLOCK.finditer(source):
        options, body = match.groups()
        context = _CONTEXT.search(options)
        parts = [_block_text(part, "trimmed" in options) for part in _PLURAL.split(body)]
        yield Text(parts[0], parts[1] if len(parts) > 1 else None, context.group(1) if context else None, where)


def _block_text(body: str, trimmed: bool) -> str:
    text = _VARIABLE.sub(r"%(\1)s", body.replace("%", "%%"))
    if trimmed:
        text = " ".join(line.strip() for line in text.splitlines() if line.strip())
    return text


def room_texts(room: Path) -> dict[tuple[str, str | None], Text]:
    """Collect the texts of one room, keyed by text and context; tests are left out."""
    found: dict[tuple[str, str | None], Text] = {}
    for path in sorted(room.rglob("*")):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        texts: Iterator[Text] = iter(())
        if path.suffix == ".py":
            texts = python_texts(path)
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            texts = template_texts(path)
        for text in texts:
            known = found.get((text.singular, text.context))
            # A text that also stands somewhere with a plural is one message, and has one.
            if known is None or (text.plural and not known.plural):
                found[text.singular, text.context] = text
    return found


def catalogue_path(room: Path) -> Path:
    return room / "locale" / "en" / "LC_MESSAGES" / "django.po"


def rooms() -> list[Path]:
    return sorted(p for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").exists())


def missing() -> list[str]:
    """Return one line for every text that has no English translation, or one that is marked fuzzy."""
    catalogues: list[Catalog] = []
    for room in rooms():
        path = catalogue_path(room)
        if path.exists():
            with path.open("rb") as handle:
                catalogues.append(read_po(handle, locale="en"))
    lines = []
    for room in rooms():
        for text in room_texts(room).values():
            messages = [c.get(text.singular, text.context) for c in catalogues]
            if not any(m is not None and m.string and all(_strings(m.string)) and not m.fuzzy for m in messages):
                lines.append(f"{text.where}: {text.singular[:90]!r}")
    return lines


def _strings(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (str(value),)


def update(room: Path) -> int:
    """Bring a room's catalogue in line with its code; return how many texts still need a translation."""
    texts = room_texts(room)
    path = catalogue_path(room)
    old = Catalog(locale="en")
    if path.exists():
        with path.open("rb") as handle:
            old = read_po(handle, locale="en")
    elif not texts:
        return 0
    new = Catalog(locale="en", project="lindung", charset="utf-8", fuzzy=False)
    open_texts = 0
    for text in texts.values():
        known = old.get(text.singular, text.context)
        string = known.string if known is not None and known.string else ""
        if text.plural and not isinstance(string, (tuple, list)):
            string = (string, string) if string else ("", "")
        open_texts += not all(_strings(string))
        new.add((text.singular, text.plural) if text.plural else text.singular, string, context=text.context)
    out = io.BytesIO()
    write_po(out, new, width=110, sort_output=True, omit_header=False)
    lines = out.getvalue().decode().splitlines(keepends=True)
    kept = "".join(x for x in lines if not x.startswith(('"POT-Creation', '"PO-Revision', '"Last-Tr', '"Generated')))
    # Whole or not at all: a catalogue cut off half-way would lose every translation with the next update.
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".po.new")
    beside.write_text(kept, encoding="utf-8")
    beside.replace(path)
    return open_texts


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["check"]:
        lines = missing()
        print("\n".join(lines) if lines else "every text has its English translation")
        return 1 if lines else 0
    if arguments[:1] == ["update"]:
        chosen = [PACKAGE / name for name in arguments[1:]] or rooms()
        for room in chosen:
            print(f"{room.name}: {update(room)} texts to translate")
        return 0
    print(__doc__)
    return 0 if arguments[:1] in (["--help"], []) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
