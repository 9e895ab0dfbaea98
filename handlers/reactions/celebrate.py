"""A deal was won: the team's room and the deal team hear of it, once it can no longer be undone (product 3)."""

from domain.deals import Dossier, State
from domain.events import DealSettled
from domain.kinds import Notice
from domain.schedule import after_quiet
from handlers.dealing import title_of
from handlers.letters import UNDO_WITHIN, teller
from handlers.pieces.listed import listed
from handlers.registry import reaction
from handlers.turn import Turn
from handlers.view import Words, card, t


@reaction(DealSettled)
def celebrate(turn: Turn, done: DealSettled) -> None:
    """The room reads who won with whose help, neither the amount nor the customer; each helper gets a word of thanks."""
    deal = turn.store.deal(done.deal_id) if done.state is State.WON else None
    if deal is None:
        return
    dossier = turn.store.dossier(deal)
    owner = turn.store.member(deal.owner_id).name
    later = turn.now + UNDO_WITHIN
    shown = card(_won(owner, dossier))
    for room in turn.store.rooms():
        if room.team_id == deal.team_id:
            at = after_quiet(later, turn.org.zone)
            teller(turn).announce(room.at, "won", turn.org.language, shown, at=at)
    for each in dossier.sellers:
        if each.member_id != turn.me.id:
            thanks = card(
                t("won.thanks", name=owner, id=f"D{deal.id}", what=title_of(deal)),
                t("won.thanks_part", part=t(f"part.{each.part}")),
            )
            zone = turn.store.member(each.member_id).zone
            teller(turn).tell(each.member_id, Notice.THANKS, "thanks", thanks, at=after_quiet(later, zone))


def _won(owner: str, dossier: Dossier) -> Words:
    helpers: list[Words] = [
        t("won.helper", name=each.name, part=t(f"part.{each.part}")) for each in dossier.sellers
    ]
    return t("won.room_with", name=owner, names=listed(helpers)) if helpers else t("won.room", name=owner)
