"""Forms of the room. They check shape only; the services decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from lindung.accounts import rules, security_keys
from lindung.accounts.models import Role, Team, User
from lindung.core.errors import BadInput


class PlainForm(forms.Form):
    """A form whose fields are never trimmed silently and whose errors can come from a service."""

    def add(self, error: BadInput) -> None:
        """Show a service's refusal beside its field, or above the form when it has none."""
        self.add_error(error.field if error.field in self.fields else None, str(error.message))


def _secret(label: object, autocomplete: str, hint: object = "") -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        help_text=hint,  # type: ignore[arg-type]
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class SignInForm(PlainForm):
    username = forms.CharField(
        label=_("Nama masuk"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    passphrase = _secret(_("Frasa sandi"), "current-password")


class CodeForm(PlainForm):
    code = forms.CharField(
        label=_("Kode"),
        help_text=_("Enam angka dari aplikasi autentikator, atau satu kode cadangan."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, has_app: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_app:
            self.fields["code"].help_text = _("Satu kode cadangan.")


class KeyAnswerForm(PlainForm):
    """What a security key answered, as the script puts it into a field that nobody sees."""

    answer = forms.CharField(
        max_length=security_keys.ANSWER_CHARACTERS,
        required=False,
        widget=forms.HiddenInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("answer"):
            self.add_error(None, _("Kuncimu belum terbaca. Coba lagi."))
        return data


class NewKeyForm(KeyAnswerForm):
    label = forms.CharField(
        label=_("Nama kunci"),
        help_text=_("Supaya kamu mengenalinya nanti. Misalnya: gantungan kunci."),
        max_length=security_keys.LABEL_CHARACTERS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("label", "answer")


class EnrolForm(PlainForm):
    code = forms.CharField(
        label=_("Kode dari aplikasi"),
        help_text=_("Enam angka yang sekarang tampil di aplikasi."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ChoosePassphraseForm(PlainForm):
    """Choosing the own passphrase: typed twice, because it is not shown."""

    new_passphrase = _secret(
        _("Frasa sandi baru"), "new-password", _("Paling sedikit 14 huruf. Empat kata acak mudah diingat.")
    )
    again = _secret(_("Sekali lagi"), "new-password")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        new, again = data.get("new_passphrase"), data.get("again")
        if new and again and new != again:
            self.add_error("again", _("Kedua frasa sandi tidak sama."))
        return data


class ChangePassphraseForm(ChoosePassphraseForm):
    old_passphrase = _secret(_("Frasa sandi lama"), "current-password")
    field_order = ("old_passphrase", "new_passphrase", "again")


class ConfirmForm(PlainForm):
    passphrase = _secret(_("Frasa sandi"), "current-password")


class LanguageForm(PlainForm):
    language = forms.ChoiceField(label=_("Bahasa ruang kerja"), choices=User.Language.choices)


class GrantForm(PlainForm):
    heard = forms.CharField(
        label=_("Dua kelompok angka pertama yang dibacakan"),
        help_text=_("Sepuluh angka, misalnya 12345 67890."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class RolesForm(PlainForm):
    """Roles of one person: a box for each role of each team of the organisation, and for each wide role."""

    roles = forms.MultipleChoiceField(label=_("Peran"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = role_choices(teams)
        field = self.fields["roles"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = self._groups

    def groups(self) -> list[dict[str, Any]]:
        """Return the boxes for the template: a group for each team, with which are ticked."""
        ticked = set(self["roles"].value() or [])
        return [
            {
                "name": name,
                "boxes": [
                    {"value": v, "label": label, "ticked": v in ticked, "id": "role-" + v.replace(":", "-")}
                    for v, label in boxes
                ],
            }
            for name, boxes in self._groups
        ]

    def chosen(self) -> set[tuple[UUID | None, str]]:
        """Return the ticked boxes as (team id or None, role)."""
        return {split_role(value) for value in self.cleaned_data["roles"]}


class PersonForm(RolesForm):
    display_name = forms.CharField(
        label=_("Nama"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    username = forms.RegexField(
        label=_("Nama masuk"),
        regex=r"^[A-Za-z0-9._-]{3,64}$",
        help_text=_("Huruf, angka, titik, tanda hubung, atau garis bawah; paling sedikit tiga."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    alias = forms.CharField(
        label=_("Nama yang dilihat pelapor"),
        help_text=_("Misalnya: Kak Melati. Jangan nama lengkap."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("Surel untuk pemberitahuan tanpa isi"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("display_name", "username", "alias", "email", "roles")


class ResetForm(PlainForm):
    remove_second_factor = forms.BooleanField(
        label=_("Faktor kedua dan kode cadangannya juga hilang: pasang ulang"), required=False
    )


def role_choices(teams: list[Team]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the boxes, grouped by team, wide roles last."""
    groups = [
        (team.name, [(f"{team.pk}:{r.value}", str(r.label)) for r in Role if rules.role_fits_team(r, team.kind)])
        for team in teams
    ]
    wide = [(f":{r.value}", str(r.label)) for r in Role if rules.role_fits_team(r, None)]
    return [*groups, (str(_("Seluruh organisasi")), wide)]


def split_role(value: str) -> tuple[UUID | None, str]:
    """Turn a box's value back into (team id or None, role)."""
    team, _colon, role = value.partition(":")
    return (UUID(team) if team else None), role
