"""Lists longer than a card: how many pages there are, and the buttons that turn them."""

from domain.refusals import NotFound
from handlers.view import Button, t


def last_page(total: int, per: int, page: int) -> int:
    """How many pages there are, one at least; raises `NotFound` when the one that is asked for is not there."""
    last = max(-(-total // per), 1)
    if not 1 <= page <= last:
        raise NotFound("members.no_page", n=page)
    return last


def turning(line: str, page: int, last: int) -> tuple[Button, ...]:
    """Back and on, where there is something; `line` is the command that a page is put after."""
    back = (Button(t("members.page_before"), f"{line} {page - 1}"),) if page > 1 else ()
    on = (Button(t("members.next_page"), f"{line} {page + 1}"),) if page < last else ()
    return (*back, *on)
