"""What happens to people and keys, and what a thief with a copy of the database tries: in the place itself.

Reads one JSON object on standard input: {"do": "report" | "leave" | "reset" | "keep" | "try", ...}; prints one.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
django.setup()

from django.apps import apps  # noqa: E402
from django.db import models  # noqa: E402

from lindung.accounts import services as accounts  # noqa: E402
from lindung.accounts.models import User  # noqa: E402
from lindung.accounts.selectors import actor_for  # noqa: E402
from lindung.core.errors import LindungError  # noqa: E402
from lindung.reporting import services as reporting  # noqa: E402
from lindung.reporting.models import Report  # noqa: E402
from lindung.vault import passphrases, primitives, receipts  # noqa: E402
from lindung.vault import services as vault  # noqa: E402
from lindung.vault.keyring import Keyring, member_wrap_context  # noqa: E402
from lindung.vault.models import MemberKey, TeamKey, TeamKeyGrant, WrappedKey  # noqa: E402


def report(words: str) -> dict[str, Any]:
    """Send a report to the intake team."""
    sent = reporting.receive(
        answers={"path": "child", "words": words}, code=receipts.generate(), walk_id=secrets.token_bytes(32),
        language="id", source="x",
    )  # fmt: skip
    return {"record": sent.record_id.hex}


def leave(who: str) -> dict[str, Any]:
    user, admin = User.objects.get(username=who), User.objects.get(username="administrator")
    accounts.deactivate(actor=actor_for(admin), user=user, release=True)
    return {}


def reset(who: str) -> dict[str, Any]:
    user, admin = User.objects.get(username=who), User.objects.get(username="administrator")
    return {"passphrase": accounts.reset_passphrase(actor=actor_for(admin), user=user)}


def keep(who: str, passphrase: str) -> dict[str, Any]:
    """What somebody may have written down on the last day: salts, the own private key, the team's private key."""
    user = User.objects.get(username=who)
    keyring = vault.unlock(holder=user.pk, passphrase=passphrase)
    teams = [key.team for key in TeamKey.objects.all()]
    keys = [keyring.to_bytes()[16:]]
    for team in teams:
        try:
            keys.append(keyring.active_team_key(team)[1])
        except LindungError:
            continue
    grants = TeamKeyGrant.objects.filter(member_key__holder=user.pk).values_list("sealed_private", flat=True)
    wraps = WrappedKey.objects.filter(recipient="team").values_list("wrapped", flat=True)
    return {
        "keys": [key.hex() for key in keys],
        "salts": [bytes(user.salt).hex(), *(bytes(k.salt).hex() for k in MemberKey.objects.filter(holder=user.pk))],
        "sealed": [bytes(blob).hex() for blob in [*grants, *wraps]],
    }


def attempt(who: str, words: list[str], keys: list[str], salts: list[str]) -> dict[str, Any]:
    """Everything that a passphrase, old keys and old salts can be tried on. Returns what opened."""
    tried = [bytes.fromhex(key) for key in keys]
    own = User.objects.get(username=who)
    every = {bytes.fromhex(salt) for salt in salts if salt} | {bytes(own.salt)}
    every |= {bytes(key.salt) for key in MemberKey.objects.filter(holder=own.pk) if key.salt}
    opened_keys = []
    for phrase in words:
        for salt in every:
            derived = passphrases.derive(phrase, salt)
            tried += [derived.wrapping, derived.verifier]
            opened_keys += _member_keys(derived.wrapping)
    blobs = [blob for blob in _all_blobs() for key in {*tried, *opened_keys} if _opens(key, blob)]
    stories = []
    for keyring in _keyrings(who, words):
        stories += [story for story in map(lambda r, k=keyring: _story(r, k), Report.objects.all()) if story]
    return {"member_keys": len(opened_keys), "blobs": len(blobs), "stories": sorted(set(stories)), "tried": len(tried)}


def _member_keys(wrapping: bytes) -> list[bytes]:
    found = []
    for key in MemberKey.objects.all():
        try:
            context = member_wrap_context(key.holder, key)
            found.append(primitives.aead_open(wrapping, bytes(key.wrapped_private), context))
        except LindungError:
            continue
    return found


def _keyrings(who: str, words: list[str]) -> Iterator[Keyring]:
    holder = User.objects.get(username=who).pk
    for phrase in words:
        try:
            yield vault.unlock(holder=holder, passphrase=phrase)
        except LindungError:
            continue


def _story(row: Report, keyring: Keyring) -> str:
    try:
        keys = vault.open_with_team(record_id=row.record_id, keyring=keyring)
    except LindungError:
        return ""
    return str(json.loads(vault.get(record_id=row.record_id, keys=keys, field="answers"))["answers"]["words"])


def _all_blobs() -> Iterator[bytes]:
    for app in ("vault", "accounts", "reporting"):
        for model in apps.get_app_config(app).get_models():
            names = [f.attname for f in model._meta.fields if isinstance(f, models.BinaryField)]
            for row in model._default_manager.values_list(*names) if names else ():
                yield from (bytes(value) for value in row if value)


def _opens(key: bytes, blob: bytes) -> bool:
    try:
        return bool(primitives.box_open(key, blob))
    except LindungError:
        return False


DEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "report": report, "leave": leave, "reset": reset, "keep": keep, "try": attempt,
}  # fmt: skip

if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(DEEDS[asked.pop("do")](**asked), sys.stdout)
