"""A delivery that could not be handled: whoever administers the organisation hears of the first of a day."""

from datetime import datetime

from domain.kinds import Notice
from domain.people import ADMINS
from domain.ports import Known, Letter, Store, Urgency
from domain.schedule import after_quiet, local_date
from handlers.view import card, encode, t


def tell_admins(store: Store, whose: Known, reference: str, now: datetime) -> None:
    """Writes one letter a day to each admin, however many deliveries are set aside; `/health` counts them."""
    shown = encode(
        card(
            t("health.set_aside", name=whose.member.name),
            t("health.reference", reference=reference),
            t("health.first_today"),
        )
    )
    on = local_date(now, whose.org.zone)
    admins = [each for each in store.members() if each.roles & ADMINS]
    addresses = store.gather_addresses([each.id for each in admins])
    for admin in admins:
        if admin.id in addresses:
            letter = Letter(
                # The key is what makes it one a day.
                key=f"set_aside:{whose.org.id}:{admin.id}:{on}",
                to=addresses[admin.id],
                card=shown,
                language=admin.language,
                due_at=after_quiet(now, admin.zone),
                urgency=Urgency.PUSH,
                member_id=admin.id,
                org_id=whose.org.id,
                kind=Notice.TROUBLE,
            )
            store.write(letter)
