"""The commands `lindung token`: machines of partners, without a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from lindung.cli.bootstrap import CommandError, boot, say

if TYPE_CHECKING:
    from lindung.accounts.models import Organisation

app = typer.Typer(
    help="Tokens with which machines of partners send reports.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the machine, for the list.")],
    organisation: Annotated[str, typer.Option(help="Name of the partner's organisation.")],
    purpose: Annotated[str, typer.Option(help="platform, school, helpline or ngo.")],
    scope: Annotated[list[str], typer.Option(help="report:submit, report:state, report:receipt; may be repeated.")],
    days: Annotated[int, typer.Option(help="Days that it works, 365 at most.")],
    issuer: Annotated[str, typer.Option(help="Network that gives it out; needed when there are several.")] = "",
    daily_limit: Annotated[int, typer.Option(help="Reports a day.")] = 200,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="For practice: nothing that it sends is stored.")] = False,
) -> None:
    """Make one, and print it once.

    Whoever has the printed token sends reports in the partner's name until it expires or is revoked. It is
    kept nowhere: if it is lost, revoke it and make another.
    """
    boot()
    from lindung.accounts.actors import Actor
    from lindung.cli.people import find_organisation
    from lindung.core.errors import NotAllowed
    from lindung.partners import selectors, services

    try:
        token, text = services.create_token(
            actor=Actor.system(),
            issuer=_issuer(issuer),
            organisation=find_organisation(organisation),
            name=name,
            purpose=purpose,
            scopes=scope,
            expires_on=selectors.today() + timedelta(days=days),
            daily_limit=daily_limit,
            sandbox=sandbox,
        )
    except NotAllowed:
        raise CommandError("A network gives out tokens, to itself or to a body that is no network.") from None
    say(f"\nToken, shown only now:\n\n    {text}\n")
    say(f"It works until {token.expires_on} for {token.scopes}.")


def _issuer(name: str) -> Organisation:
    from lindung.accounts.actors import Actor
    from lindung.cli.people import find_organisation
    from lindung.partners import selectors

    if name:
        return find_organisation(name)
    networks = list(selectors.issuers_for(Actor.system()))
    if len(networks) != 1:
        names = ", ".join(network.name for network in networks) or "none yet"
        raise CommandError(f"Name the network with --issuer. Known: {names}.")
    return networks[0]


@app.command("list")
def show() -> None:
    """List them, those that work first.

    Name, partner, scopes, last day, day of last use. No secret is kept, so none is shown.
    """
    boot()
    from lindung.accounts.actors import Actor
    from lindung.partners import selectors

    for token in selectors.tokens_visible_to(Actor.system()):
        end = "revoked" if token.revoked_at else f"until {token.expires_on}"
        used = f"last used {token.last_used_on}" if token.last_used_on else "never used"
        mode = " sandbox" if token.sandbox else ""
        say(f"{token.pk}  {token.name}, {token.organisation.name}: {token.scopes}{mode}, {end}, {used}")


@app.command("revoke")
def revoke(token: Annotated[str, typer.Argument(help="Its id, as `lindung token list` shows it.")]) -> None:
    """End one at once."""
    boot()
    from lindung.accounts.actors import Actor
    from lindung.core.errors import NotFound
    from lindung.partners import services

    try:
        services.revoke_token(Actor.system(), UUID(token))
    except (ValueError, NotFound):
        raise CommandError("There is no such token. `lindung token list` shows them.") from None
    say("Revoked. Nothing that is sent with it is accepted any more.")
