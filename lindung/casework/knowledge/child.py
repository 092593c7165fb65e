"""What this room knows about children and their cases as codes: factors, disabilities, links, sentences of the box.

The YAML files beside this module are the knowledge; each has a version, a date and a source. A wrong file raises
KnowledgeError when it is first read and in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml


def _file(name: str) -> dict[str, Any]:
    content = load_yaml("lindung.casework.knowledge", f"{name}.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


@cache
def factors() -> Mapping[str, Labelled]:
    """What makes it harder for a child to be safe, in order. None of them is about what the child did."""
    return MappingProxyType(labelled(_file("vulnerability")["factors"], "vulnerability.yaml"))


@cache
def disabilities() -> Mapping[str, Labelled]:
    """In which respect a child needs disability support."""
    return MappingProxyType(labelled(_file("vulnerability")["disabilities"], "vulnerability.yaml"))


@cache
def link_reasons() -> Mapping[str, Labelled]:
    """Why two cases are linked."""
    return MappingProxyType(labelled(_file("links")["reasons"], "links.yaml"))


@cache
def told() -> Mapping[str, Labelled]:
    """The fixed sentences of the mailbox about a case."""
    return MappingProxyType(labelled(_file("told")["sentences"], "told.yaml"))
