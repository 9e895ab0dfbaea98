"""/link [here | off PLATFORM]"""

from collections.abc import Sequence

from domain.refusals import NotFound, NotNow
from handlers.args import Args, Words
from handlers.codes import LINK_BITS, LINK_LIVES, TYPED_BITS, code_hash, readable
from handlers.letters import teller
from handlers.menus import clear_menu
from handlers.pieces.linked import PUSHES_HERE
from handlers.pieces.listed import listed
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, card, t
from handlers.words import catalogue

# Where people have accounts of their own; the browser and the terminal are for trying things out.
LINKABLE = ("telegram", "slack")


class LinkArgs(Args):
    """Nothing for a code; `here` turns the pushes to this platform, `off` unbinds one."""

    lead = ("what",)
    what: Words | None = None


@command()
def link(turn: Turn, args: LinkArgs) -> Card:
    """One person on two platforms: a code to be sent on the other one, where pushes go, and the way back."""
    platforms = turn.store.gather_platforms([turn.me.id]).get(turn.me.id, ())
    word, _, rest = (args.what or "").partition(" ")
    if not word:
        return _code(turn, platforms)
    if word.casefold() in catalogue().listed("link.here_words") and not rest:
        turn.store.revise_member(turn.me.id, pushes_to=turn.at.platform)
        return card(Line(t("link.here_now"), Mark.DONE))
    if word.casefold() in catalogue().listed("link.off_words"):
        return _off(turn, platforms, rest.strip())
    raise NotFound("link.not_linked", said=(args.what or "")[:40], known=_named(turn, platforms))


def _code(turn: Turn, platforms: Sequence[str]) -> Card:
    """A typed code, and a deep link to each platform that has them and where the person is not yet."""
    typed, long = turn.codes(TYPED_BITS), turn.codes(LINK_BITS)
    for each in (typed, long):
        turn.store.keep_link_code(turn.me.id, code_hash(each), turn.now + LINK_LIVES)
    urls = [turn.link_on(each, long) for each in LINKABLE if each not in platforms]
    first = platforms[0] if platforms else turn.at.platform
    blocks: list[Block] = [Line(t("link.title", where=listed([t(f"platform.{each}") for each in platforms])))]
    if len(platforms) > 1:
        blocks.append(Line(t("link.pushes", platform=t(f"platform.{first}"))))
    blocks += [
        Line(t("link.how")),
        Line(readable(typed)),
        *(Line(url) for url in urls if url),
        Note(t("link.lives", n=int(LINK_LIVES.total_seconds() // 60))),
    ]
    if len(platforms) == 1:
        return card(*blocks)
    off = tuple(
        Button(t("link.unlink", platform=t(f"platform.{each}")), f"/link off {each}")
        for each in platforms[:2]
    )
    here = () if first == turn.at.platform else ((PUSHES_HERE,),)
    return card(*blocks, rows=(*here, off))


def _named(turn: Turn, platforms: Sequence[str]) -> str:
    say = catalogue().say
    return say(listed([t(f"platform.{each}") for each in platforms]), turn.language)


def _off(turn: Turn, platforms: Sequence[str], said: str) -> Card:
    """Unbinds one account; what is still to be said there comes to the one that stays."""
    platform = catalogue().meant(said, {each: f"platform.{each}" for each in platforms}) or said.casefold()
    if platform not in platforms:
        raise NotFound("link.not_linked", said=said[:40], known=_named(turn, platforms))
    stay = [each for each in turn.store.address_of(turn.me.id) if each.platform != platform]
    if not stay:
        name = catalogue().say(t(f"platform.{platform}"), turn.language)
        raise NotNow("link.last", platform=name)
    clear_menu(teller(turn), turn.me, platform)
    turn.store.unlink(turn.me.id, platform, stay[0])
    if turn.me.pushes_to == platform:
        turn.store.revise_member(turn.me.id, pushes_to=stay[0].platform)
    return card(Line(t("link.off", platform=t(f"platform.{platform}")), Mark.DONE))
