"""A chat that takes nothing any more: whoever is meant to look after it hears so once (platforms section 2)."""

from datetime import datetime

from domain.kinds import Notice
from domain.people import MemberId
from domain.ports import Address, Store, Work
from handlers.letters import Teller
from handlers.turn import Codes
from handlers.view import Card, card, t


def tell_gone(work: Work, at: Address, now: datetime, codes: Codes) -> None:
    """Stops what would go there, and tells a person's manager, or who had bound a room."""
    lost_room = work.people.living_at(at) is None
    for org_id, number in work.outbox.bury(at):
        store = work.store(org_id)
        teller = Teller(store=store, org=org_id, event=None, now=now, codes=codes)
        if lost_room:
            teller.tell(
                number, Notice.TEAM, "gone", card(t("room.lost", platform=t(f"platform.{at.platform}")))
            )
        elif manager := _manager_of(store, number):
            teller.tell(manager, Notice.TEAM, "gone", _unreached(store, number, at))


def _manager_of(store: Store, number: MemberId) -> MemberId | None:
    """The manager of a person's team; nobody reports themselves to themselves."""
    team_id = store.member(number).team_id
    managers = (team.manager_id for team in store.teams() if team.id == team_id)
    return next((manager for manager in managers if manager and manager != number), None)


def _unreached(store: Store, number: MemberId, at: Address) -> Card:
    member = store.member(number)
    return card(t("gone.unreached", name=member.name, platform=t(f"platform.{at.platform}")), t("gone.means"))
