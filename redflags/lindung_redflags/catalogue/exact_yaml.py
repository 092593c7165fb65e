"""Reads YAML exactly: decimals stay decimals, dates stay text, a key stands once, and every fault has its line."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from lindung_redflags.errors import BadCatalogue

MOST_BYTES = 1_000_000
"""A file of this catalogue has some kilobytes; a larger one is a mistake."""


class _Exact(yaml.SafeLoader):
    """Reads 0.8 as the decimal 0.8, not as the nearest double. No anchors, no key twice."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*name) is not allowed here", mark)
        return super().compose_node(parent, index)


def _wrong(text: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, text, node.start_mark)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    text = str(loader.construct_scalar(node))
    try:
        value = Decimal(text.replace("_", ""))
    except InvalidOperation:
        raise _wrong(f"{text}: expected a decimal number", node) from None
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise _wrong(f"{text}: expected a decimal number of ordinary size", node)
    return value


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _mapping(loader: _Exact, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable):
            raise _wrong("expected a word as a key", key_node)
        if key in found:
            raise _wrong(f"the key {key!r} stands twice", key_node)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Exact.add_constructor("tag:yaml.org,2002:float", _decimal)
_Exact.add_constructor("tag:yaml.org,2002:timestamp", _text)
_Exact.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse(path: Path) -> tuple[Any, yaml.Node]:
    """The value of a file and its nodes, for lines. Raises BadCatalogue with the line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadCatalogue(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise BadCatalogue(f"{path}: expected a file below {MOST_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCatalogue(f"{path}, line {data[: error.start].count(10) + 1}: expected UTF-8") from error
    loader = None
    try:
        loader = _Exact(text)  # a SafeLoader
        node = loader.get_single_node()
        if node is None:
            raise BadCatalogue(f"{path}, line 1: the file is empty")
        return loader.construct_document(node), node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadCatalogue(
            f"{path}, line {mark.line + 1 if mark else 1}: not as it has to be: {error.problem}"
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadCatalogue(f"{path}, line {line}: a character that YAML does not allow") from error
    except (ValueError, RecursionError) as error:
        raise BadCatalogue(f"{path}: cannot be read as YAML ({type(error).__name__})") from error
    finally:
        if loader is not None:
            loader.dispose()


def line_of(node: yaml.Node, path: Iterable[Any]) -> int:
    """The line on which the value at a path begins, as near as the file goes along the path."""
    line = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line
