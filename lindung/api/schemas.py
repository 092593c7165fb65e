"""What a partner sends and gets: made from the knowledge files, so that the API never knows other codes than the walk.

Everything may be left out, `null` counts as left out, and nothing else is accepted.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from django.conf import settings
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from lindung.core.knowledge import Labelled
from lindung.places import selectors as places
from lindung.reporting import knowledge

CODED = (
    "path", "danger", "who", "happened", "online_where", "given", "age_band", "sex", "when", "feeling", "easier",
    "reach", "concern",
)  # fmt: skip
"""Questions that are answered with codes."""

TEXTS = (
    "words", "danger_place", "online_other", "given_note", "easier_note", "reach_how", "must_not_know", "concern_note",
)  # fmt: skip
"""Questions that are answered in words."""

MAX_IDENTIFIERS, MAX_IDENTIFIER = 20, 180
MAX_LINKS, MAX_LINK = 20, 2000
KEY_SHORTEST, KEY_LONGEST = 16, 200

EXAMPLE: dict[str, Any] = {
    "path": "professional",
    "language": "id",
    "happened": ["threat_to_spread"],
    "online_where": ["instagram"],
    "age_band": "13-15",
    "province": "53",
    "regency": "53.71",
    "happened_on": "2026-11-20",
    "identifiers": [{"kind": "handle", "value": "akun_rekaan_01"}],
    "words": "Seorang murid bercerita bahwa ada yang mengancamnya lewat pesan.",
    "concern": ["none"],
}
"""An invented report, as it stands in the description of the API."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Strict(BaseModel):
    """Unknown fields are errors: a mistyped name must not lose what it held."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _day(text: str) -> str:
    if not _DAY.fullmatch(text):
        raise ValueError("expected YYYY-MM-DD")
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]


class Identifier(Strict):
    """A handle, phone number, address or account of the other side. Never of the child."""

    kind: Literal["handle", "phone", "url", "account"] = Field(
        description="handle: a name on a platform; phone: with country code; url: of a profile; account: bank, e-wallet"
    )
    value: str = Field(min_length=1, max_length=MAX_IDENTIFIER, description="As it was seen.")


class Accepted(BaseModel):
    """The report is sealed and in the inbox."""

    reference: str = Field(
        pattern="^[RS][0-9A-HJKMNP-TV-Z]{16}$", description="Keep this to ask for the state. R…, or S… of a sandbox."
    )
    state: Literal["received"]
    received_at: str = Field(description="The minute of arrival.", json_schema_extra={"format": "date-time"})
    promised_at: str = Field(
        description="By when somebody will have answered in the mailbox.", json_schema_extra={"format": "date-time"}
    )
    sandbox: bool = Field(description="True: nothing was stored and nobody will read it.")
    receipt: str = Field(
        default="",
        pattern="^[0-9]{20}$",
        description="Only with the scope report:receipt: the key of the mailbox, for the person in front of you. "
        "Show it once and keep it nowhere.",
    )


class State(BaseModel):
    """How far a report is, and nothing else."""

    state: Literal["received", "in_progress", "closed"]


class TokenInfo(BaseModel):
    """What the token may be used for."""

    name: str
    organisation: str
    purpose: Literal["platform", "school", "helpline", "ngo"]
    scopes: list[Literal["report:submit", "report:state", "report:receipt"]]
    sandbox: bool
    expires_on: str = Field(description="The last day on which it works.", json_schema_extra={"format": "date"})
    daily_limit: int = Field(description="Reports a day; repetitions do not count.")


class ProblemOut(BaseModel):
    """What went wrong. Programs decide by `code`; `message` is for people and follows Accept-Language (en, id)."""

    code: str
    message: str
    field: str = Field(default="", description="What it is about, when it is about one field.")


def _listed(options: Any) -> str:
    """Every code with its labels in both languages, for the description."""
    return "\n".join(f"- `{entry.code}`: {entry.label_id} / {entry.label_en}" for entry in options)


def _coded(code: str) -> tuple[Any, Any]:
    question = knowledge.questions()[code]
    one = Literal[tuple(question.options)]  # type: ignore[valid-type]
    text = f"{question.label_id} / {question.label_en}\n\n{_listed(question.options.values())}"
    if question.kind == "one":
        return one | None, Field(default=None, description=text)
    return list[one] | None, Field(default=None, max_length=len(question.options), description=text)  # type: ignore[valid-type]


def _text(code: str) -> tuple[Any, Any]:
    question = knowledge.questions()[code]
    limit = question.limit if code != "words" else int(settings.LINDUNG_WORDS_MAX_CHARACTERS)
    text = f"{question.label_id} / {question.label_en}"
    return Annotated[str, Field(max_length=limit)] | None, Field(default=None, description=text)


def _place(code: str) -> tuple[Any, Any]:
    provinces = places.provinces()
    text = "Code of Kemendagri."
    if code == "province":
        found = provinces
        text += "\n\n" + _listed(Labelled(place.code, place.name, place.name) for place in found)
    else:
        found = tuple(place for province in provinces for place in places.regencies(province.code))
        text += " It must lie in the province, if one is given: else it is left out."
    codes = Literal[tuple(place.code for place in found)]  # type: ignore[valid-type]
    return codes | None, Field(default=None, description=text)


@cache
def report_in() -> type[BaseModel]:
    """The model of a report as a partner sends it."""
    fields: dict[str, Any] = {code: _coded(code) for code in CODED} | {code: _text(code) for code in TEXTS}
    fields |= {code: _place(code) for code in ("province", "regency")}
    fields["language"] = (
        Literal["id", "en"] | None,
        Field(default=None, description="The language to answer in; id when left out."),
    )
    fields["happened_on"] = (
        Day | None,
        Field(default=None, description="The day, if it is known. Without `when`, the answer to that follows from it."),
    )
    fields["identifiers"] = (
        list[Identifier] | None,
        Field(default=None, max_length=MAX_IDENTIFIERS, description="Of the other side. Never of the child."),
    )
    link = Annotated[str, Field(min_length=1, max_length=MAX_LINK)]
    fields["links"] = (
        list[link] | None,
        Field(
            default=None,
            max_length=MAX_LINKS,
            description="Where material was seen, 8,000 characters in all. Never fetched. Never the material itself.",
        ),
    )
    model: type[BaseModel] = create_model(
        "Report",
        __base__=Strict,
        __doc__="A report. Everything may be left out; send what is known, in the words it was told in.",
        **fields,
    )
    model.model_config["json_schema_extra"] = {"examples": [EXAMPLE]}
    return model
