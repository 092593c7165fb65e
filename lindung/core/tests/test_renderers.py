"""Options written in one go are the ones that Django's templates write."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from lindung.core.renderers import Renderer

PLAIN = [("", "Semua"), ("a", 'Kab. "A" & <B>'), ("b'", "C"), (3, 4)]
GROUPS = [("", "Pilih"), ("Jawa & Timur", [("35.09", "Jember"), ("35.78", "Kota <Surabaya>")]), ("Bali", [("51", "B")])]


@pytest.mark.parametrize("choices", [PLAIN, GROUPS, []])
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple])
@pytest.mark.parametrize("value", ["a", "35.78", "", None, ["a", "51"], "unknown"])
def test_a_select_is_the_one_of_django(choices: Any, widget: type[forms.Select], value: Any) -> None:
    made = widget(attrs={"class": "x", "data-on": True, "data-off": False, "title": 'a "b"'})
    made.choices = choices
    ours, theirs = (
        made.render("nama[]", value, {"id": "id-nama"}, renderer) for renderer in (Renderer(), DjangoTemplates())
    )
    assert parse_html(ours) == parse_html(theirs)


def test_other_widgets_keep_their_templates() -> None:
    box = forms.CheckboxInput()
    assert box.render("a", True, {}, Renderer()) == box.render("a", True, {}, DjangoTemplates())
