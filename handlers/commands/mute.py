"""/mute [KIND [week | month | good | DATE | off]]"""

from domain.kinds import KINDS, Notice
from domain.refusals import NotNow
from handlers.args import Args
from handlers.args import Words as Typed
from handlers.muting import MUTABLE, SPANS, Known, give_back, muted_now, muted_words, until_meant
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Line, Mark, Note, card, in_rows, t
from handlers.words import catalogue

# Six buttons in three rows; what is muted beyond that is given back by name.
SHOWN = 5


class MuteArgs(Args):
    """Which kind of push, and until when; nothing shows what is muted."""

    lead = ("kind", "until")
    kind: Known | None = None
    until: Typed | None = None


@command()
def mute(turn: Turn, args: MuteArgs) -> Card:
    """Less of one kind of push, for a while or for good, and what is muted now."""
    kind = args.kind
    if kind is None:
        return _muted(turn)
    if not KINDS[kind].mutable:
        raise NotNow("mute.never")
    if args.until is None:
        return _which(turn) if kind is Notice.NEWS and _kinds_today(turn) else _until(kind)
    if args.until.casefold().strip() in catalogue().listed("settings.off_words"):
        turn.store.unmute(turn.me.id, kind)
        done = t("mute.given_back", what=t(f"kinds.{kind}"))
        return card(Line(done, Mark.DONE), rows=((Button(t("button.settings"), "/settings"),),))
    until = until_meant(turn, args.until)
    turn.store.mute(turn.me.id, kind, until)
    return card(
        Line(t("mute.done", what=t(f"kinds.{kind}")), Mark.DONE),
        t("mute.until_day", on=until) if until else t("mute.long"),
        rows=((*give_back([kind]), Button(t("button.settings"), "/settings")),),
    )


def _muted(turn: Turn) -> Card:
    muted = muted_now(turn)
    if not muted:
        return card(t("mute.nothing"), Note(t("mute.command.example"), code=True))
    buttons = give_back([kind for kind, _ in muted[:SHOWN]])
    return card(
        t("mute.title"),
        *(Line(muted_words(kind, until)) for kind, until in muted),
        rows=in_rows(buttons),
    )


def _until(kind: Notice) -> Card:
    """Until when: two spans and for good to press, any date to type."""
    spans = tuple(Button(t(f"mute.{span}_button"), f"/mute {kind} {span}") for span in SPANS)
    good = Button(t("mute.good_button"), f"/mute {kind} good")
    return card(
        t("mute.less", what=t(f"kinds.{kind}")),
        t("mute.part.until.ask"),
        ask=Ask(f"/mute {kind}", "until"),
        rows=((*spans, good),),
    )


def _kinds_today(turn: Turn) -> tuple[Notice, ...]:
    """The kinds that stand on today's card and may be muted."""
    told = {each.kind for each in turn.store.told_news(turn.me.id, turn.today)}
    return tuple(kind for kind in MUTABLE if kind in told)


def _which(turn: Turn) -> Card:
    """Of which of them: each by its name, or all that may be muted."""
    buttons = [Button(t(f"kinds.{kind}"), f"/mute {kind}") for kind in _kinds_today(turn)[:SHOWN]]
    return card(t("mute.which"), rows=in_rows([*buttons, Button(t("mute.all_button"), "/mute news month")]))
