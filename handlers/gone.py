"""A chat that takes nothing any more: whoever is meant to look after it hears so once (platforms section 2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.kinds import Notice
from domain.people import MemberId
from domain.ports import Address, Work
from handlers.letters import Teller
from handlers.pieces.listed import listed
from handlers.turn import Codes
from handlers.view import Card, card, t

# A manager hears of everybody who was lost within so long in one message: a morning's pushes find them all out.
GATHERED = timedelta(minutes=5)
# So many are named in it.
NAMED = 12


def note_gone(work: Work, at: Address, now: datetime, codes: Codes) -> None:
    """Stops what would go there. Who had bound a room hears it at once; of people `tell_lost` tells their manager."""
    for org_id, number in work.outbox.bury(at, now):
        teller = Teller(store=work.store(org_id), org=org_id, event=None, now=now, codes=codes)
        teller.tell(number, Notice.DOOR, "gone", card(t("room.lost", platform=t(f"platform.{at.platform}"))))


def tell_lost(work: Work, now: datetime, codes: Codes) -> int:
    """Tells the managers of one organisation whom we reach no more, all of a platform in one message; how many were lost."""
    found = work.outbox.lost(now - GATHERED)
    if found is None:
        return 0
    org_id, lost = found
    store = work.store(org_id)
    members = {each.id: each for each in store.members()}
    managers = {team.id: team.manager_id for team in store.teams()}
    told: dict[tuple[MemberId, str], list[str]] = {}
    for number, platform in lost:
        member = members.get(number)
        manager = managers.get(member.team_id) if member and member.team_id else None
        # Nobody reports themselves to themselves.
        if member and manager and manager != number:
            told.setdefault((manager, platform), []).append(member.name)
    teller = Teller(store=store, org=org_id, event=None, now=now, codes=codes)
    for (manager, platform), names in told.items():
        teller.tell(manager, Notice.TEAM, f"gone:{platform}", _unreached(names, platform))
    work.outbox.told_lost(org_id)
    return len(lost)


def _unreached(names: Sequence[str], platform: str) -> Card:
    where = t(f"platform.{platform}")
    if len(names) == 1:
        return card(t("gone.unreached", name=names[0], platform=where), t("gone.means"))
    more = len(names) - NAMED
    shown = listed(names[:NAMED])
    return card(
        t("gone.unreached_many", n=len(names), platform=where),
        t("digest.more", names=shown, n=more) if more > 0 else shown,
        t("gone.means"),
    )
