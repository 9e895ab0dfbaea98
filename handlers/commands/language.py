"""/language [en | zh | zh-Hant]"""

from dataclasses import replace

from domain.people import Language
from domain.refusals import NotUnderstood
from handlers.args import Args, Words
from handlers.letters import teller
from handlers.menus import set_menu
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, card, t
from handlers.words import catalogue


class LanguageArgs(Args):
    """A language by its code."""

    lead = ("to",)
    to: Words | None = None


def languages() -> Rows:
    """One button per language, each in its own words."""
    return (tuple(Button(t(f"language.own_{each}"), f"/language {each}") for each in Language),)


def language_named(said: str) -> Language:
    """The language of a code; raises `NotUnderstood` for any other word."""
    found = {each.casefold(): each for each in Language}.get(said.casefold())
    found = found or next(
        (each for each in Language if catalogue().meant(said, {each: f"language.own_{each}"})), None
    )
    if found is None:
        raise NotUnderstood("language.unknown", said=said[:20])
    return found


@command()
def language(turn: Turn, args: LanguageArgs) -> Card:
    """The language of everything said to this person."""
    if args.to is None:
        return card(t("language.which"), rows=languages())
    chosen = language_named(args.to)
    turn.store.revise_member(turn.me.id, language=chosen)
    set_menu(teller(turn), replace(turn.me, language=chosen))
    return card(t(f"language.chosen_{chosen}"))
