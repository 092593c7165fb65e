"""Both languages are complete: a text without its English translation fails here, and so does a broken placeholder."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["messages"] = module
    spec.loader.exec_module(module)
    return module


def test_every_text_has_its_english_translation() -> None:
    assert _tool().missing() == []


def test_the_check_finds_a_text_without_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = _tool()
    room = tmp_path / "lindung" / "room"
    (room / "templates").mkdir(parents=True)
    (room / "__init__.py").write_text("")
    (room / "views.py").write_text('x = _("Tanpa terjemahan")\n')
    (room / "templates" / "a.html").write_text(
        "{% translate 'Juga tanpa' %}{% blocktranslate trimmed %}\n Dan {{ ini }}\n{% endblocktranslate %}"
    )
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "PACKAGE", tmp_path / "lindung")
    assert len(tool.missing()) == 3


def test_translations_keep_the_placeholders() -> None:
    wrong = []
    for path in (ROOT / "lindung").glob("*/locale/en/LC_MESSAGES/*.po"):
        with path.open("rb") as handle:
            for message in read_po(handle, locale="en"):
                singulars = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
                strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
                if not message.id:
                    continue
                expected = {m.group() for m in _PLACEHOLDER.finditer(singulars[-1])}
                wrong += [
                    f"{path.parent}: {singulars[0]}"
                    for s in strings
                    if {m.group() for m in _PLACEHOLDER.finditer(s)} != expected
                ]
    assert wrong == []


def test_every_label_of_the_knowledge_files_stands_in_both_languages() -> None:
    def incomplete(node: object, where: str) -> list[str]:
        if isinstance(node, dict):
            own = [where] if ("id" in node) != ("en" in node) or any(node.get(k) == "" for k in ("id", "en")) else []
            return own + [x for k, v in node.items() for x in incomplete(v, f"{where}/{k}")]
        if isinstance(node, list):
            return [x for i, v in enumerate(node) for x in incomplete(v, f"{where}[{i}]")]
        return []

    found = []
    for path in (ROOT / "lindung").rglob("*.yaml"):
        found += incomplete(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
    assert found == []
