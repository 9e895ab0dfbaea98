"""/link [here | off PLATFORM]"""

from collections.abc import Sequence

from domain.refusals import NotNow
from handlers.args import Args, Words
from handlers.codes import LINK_BITS, LINK_LIVES, TYPED_BITS, code_hash, readable
from handlers.letters import teller
from handlers.menus import clear_menu
from handlers.pieces.linked import PUSHES_HERE, platform_meant
from handlers.pieces.listed import listed
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, card, in_rows, t
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
    if not word or (word.casefold() in catalogue().listed("link.off_words") and not rest):
        return _shown(turn, platforms)
    if word.casefold() in catalogue().listed("link.here_words") and not rest:
        turn.store.revise_member(turn.me.id, pushes_to=turn.at.platform)
        return card(Line(t("link.here_now"), Mark.DONE))
    if word.casefold() in catalogue().listed("link.off_words"):
        return _off(turn, platforms, rest.strip())
    # Whatever else was typed names one of them, or is refused with those there are.
    platform_meant(turn, args.what or "", platforms)
    return _shown(turn, platforms)


def _shown(turn: Turn, platforms: Sequence[str]) -> Card:
    """Where the person is, where pushes go, and what leads to a platform where they are not yet."""
    first = platforms[0] if platforms else turn.at.platform
    blocks: list[Block] = [Line(t("link.title", where=listed([t(f"platform.{each}") for each in platforms])))]
    if len(platforms) > 1:
        blocks.append(Line(t("link.pushes", platform=t(f"platform.{first}"))))
    if missing := [each for each in LINKABLE if each not in platforms]:
        blocks += _code(turn, missing)
    if len(platforms) == 1:
        return card(*blocks)
    off = [
        Button(t("link.unlink", platform=t(f"platform.{each}")), f"/link off {each}") for each in platforms
    ]
    here = () if first == turn.at.platform else ((PUSHES_HERE,),)
    return card(*blocks, rows=(*here, *in_rows(off)))


def _code(turn: Turn, missing: Sequence[str]) -> list[Block]:
    """A typed code, and a deep link to each platform that has them."""
    typed, long = turn.codes(TYPED_BITS), turn.codes(LINK_BITS)
    for each in (typed, long):
        turn.store.keep_link_code(turn.me.id, code_hash(each), turn.now + LINK_LIVES)
    urls = [turn.link_on(each, long) for each in missing]
    return [
        Line(t("link.how")),
        Line(readable(typed)),
        *(Line(url) for url in urls if url),
        Note(t("link.lives", n=int(LINK_LIVES.total_seconds() // 60))),
    ]


def _off(turn: Turn, platforms: Sequence[str], said: str) -> Card:
    """Unbinds one account; what is still to be said there comes to the one that stays."""
    platform = platform_meant(turn, said, platforms)
    stay = [each for each in turn.store.address_of(turn.me.id) if each.platform != platform]
    if not stay:
        name = catalogue().say(t(f"platform.{platform}"), turn.language)
        raise NotNow("link.last", platform=name)
    clear_menu(teller(turn), turn.me, platform)
    turn.store.unlink(turn.me.id, platform, stay[0])
    if turn.me.pushes_to == platform:
        turn.store.revise_member(turn.me.id, pushes_to=stay[0].platform)
    return card(Line(t("link.off", platform=t(f"platform.{platform}")), Mark.DONE))
