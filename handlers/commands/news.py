"""/news [DATE [NUMBER]]"""

from domain.refusals import NotFound
from handlers.args import Args, OnDate
from handlers.pieces.news import headline
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, card, decode, in_rows, t

# Six at once, each with its button.
PAGE = 6


class NewsArgs(Args):
    """Of which date, today's where none is said; which of them."""

    lead = ("on", "number")
    on: OnDate | None = None
    number: int | None = None


@command()
def news(turn: Turn, args: NewsArgs) -> Card:
    """All that came with a day's one message, or one of it with what can be done about it."""
    on = args.on or turn.today
    told = {each.place: each for each in turn.store.told_news(turn.me.id, on)}
    if args.number is not None:
        found = told.get(args.number)
        if found is None:
            raise NotFound("news.not_there", on=on)
        turn.store.heed(turn.me.id, found.kind, turn.now)
        return decode(found.card)
    if not told:
        return card(t("news.none", on=on))
    shown = list(told.values())[:PAGE]
    left = len(told) - len(shown)
    return card(
        t("news.title", n=len(told), on=on),
        *(Line(t("news.line", n=each.place or 0, what=headline(decode(each.card)))) for each in shown),
        *((t("news.more_typed", n=left, on=on.isoformat()),) if left else ()),
        rows=in_rows(
            [
                Button(t("news.number", n=each.place or 0), f"/news {on.isoformat()} {each.place}")
                for each in shown
            ],
            3,
        ),
    )
