"""How fields of forms become HTML: as Django does it, with lists of options written in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class Renderer(DjangoTemplates):
    """Writes `<select>` without templates. Django renders two for each option, and a list of places has 500."""

    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> str:
        if template_name == "django/forms/widgets/select.html":
            return select(context["widget"])
        return super().render(template_name, dict(context), request)


def select(widget: Mapping[str, Any]) -> SafeString:
    """Return the `<select>` of a widget's context (`Select.get_context(...)["widget"]`), escaped as a template does."""
    groups = format_html_join("", "{}", ((_group(name, options),) for name, options, _ in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}\n</select>', widget["name"], flatatt(widget["attrs"]), groups)


def _group(name: Any, options: list[dict[str, Any]]) -> SafeString:
    inner = format_html_join(
        "", '\n  <option value="{}"{}>{}</option>', ((o["value"], flatatt(o["attrs"]), o["label"]) for o in options)
    )
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, inner) if name else inner
