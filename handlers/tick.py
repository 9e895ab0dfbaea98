"""Due periods times recipients become letters; cards that no longer show what is so are edited."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from domain.kinds import KINDS, Notice, Sort
from domain.news_ports import is_muted
from domain.people import Member, MemberId, Organisation, OrgId
from domain.ports import Delivery, DueRow, Letter, StaleCard, Store, Urgency, Work
from domain.schedule import (
    Cadence,
    Due,
    Rule,
    caught_up,
    late_since,
    local_date,
    local_time,
    next_due,
    period_label,
    replanned,
    spoken,
)
from domain.workdays import Calendar
from handlers.clockwork import wind
from handlers.letters import TOKEN_BITS
from handlers.pieces.approval import approval_now
from handlers.pieces.claim import claim_now
from handlers.pieces.close import close_card
from handlers.pieces.day import DayFacts, day_card, day_facts
from handlers.pieces.digest import digest_now
from handlers.pieces.home import home_now, today_now
from handlers.pieces.news import news_card
from handlers.pieces.target import target_now
from handlers.registry import Push, Recipient, Slice, registry
from handlers.turn import Codes
from handlers.view import Card, Text, encode, t

# The first slice is small enough that its turn with the writer stays short whatever the push (architecture 5b);
# the edge asks for more at a time while turns are shorter than they may be.
SLICE, SLICE_MOST = 100, 2000
# A card that lives on is made anew one by one.
EDITS = 25

# What a card that lives on shows now, by the first word of its key; None when there is nothing to show any more.
Current = Callable[[Store, Organisation, Member, str, datetime], Card | None]


def news_now(store: Store, _org: Organisation, member: Member, label: str, _now: datetime) -> Card:
    """The card that the news of a date share, as it is now."""
    on = date.fromisoformat(label)
    return news_card(member.id, on, store.told_news(member.id, on))


def _of_day(shown: Callable[[DayFacts], Card]) -> Current:
    return lambda store, org, member, label, now: shown(
        day_facts(store, org, member, date.fromisoformat(label), now)
    )


# The cards that live on and are edited to what is so.
LIVING: Mapping[str, Current] = {
    "day": _of_day(day_card),
    "close": _of_day(close_card),
    "digest": digest_now,
    "today": today_now,
    "home": home_now,
    "approval": approval_now,
    # What a colleague said stays as it is.
    "said": lambda _store, _org, _member, _label, _now: None,
    "claim": claim_now,
    "target": target_now,
    "news": news_now,
    "alone": news_now,
}
# The clocks of so many deals are looked at in one turn of the writer.
DEALS = 50
# What a card shows, in short; the edge owns how it is made.
Digest = Callable[[str], str]


def tick(work: Work, now: datetime, codes: Codes, most: int = SLICE) -> int:
    """Writes the letters of one slice of what is due and sets each recipient's next period; how many were due."""
    rows = work.outbox.due(now, most)
    slices: dict[tuple[OrgId, str], list[DueRow]] = {}
    for row in rows:
        slices.setdefault((row.org_id, row.push), []).append(row)
    for (org_id, name), due in slices.items():
        _serve(work, work.store(org_id), registry().pushes.get(name), due, now, codes)
    return len(rows)


def check_deals(work: Work, now: datetime) -> int:
    """Sets the clocks of the deals that are due anew: a level was reached, or a calendar changed; how many."""
    due = work.outbox.due_deals(now, DEALS)
    for org_id, deal in due:
        store = work.store(org_id)
        wind(store, store.organisation(), deal, now)
    return len(due)


def _serve(
    work: Work, store: Store, push: Push | None, due: Sequence[DueRow], now: datetime, codes: Codes
) -> None:
    if push is None:
        work.outbox.move_due([(row, row.served, None) for row in due])
        return
    org = store.organisation()
    people = store.gather_members(org, [row.member_id for row in due])
    timed = _Timed(now)
    served: dict[MemberId, Due] = {}
    wanted: list[Recipient] = []
    moved: list[tuple[DueRow, str, Due | None]] = []
    for row in due:
        found = people.get(row.member_id)
        rule = push.rule(found[0]) if found else None
        if found is None or rule is None:
            moved.append((row, row.served, None))
            continue
        member, calendar = found
        meant = timed.meant(rule, member.zone, calendar, row)
        if meant and meant.due_at > now:
            moved.append((row, row.served, meant))
            continue
        last = row.served
        if meant and _still_due(push, member, calendar, meant.label):
            last, served[member.id] = meant.label, meant
            wanted.append(Recipient(member=member, calendar=calendar, label=last, unanswered=row.unanswered))
        moved.append((row, last, timed.following(rule, member.zone, calendar, last)))
    if KINDS[push.kind].sort is Sort.BEAT:
        wanted = _unmuted(store, push, wanted)
    if wanted:
        cards = push.cards(Slice(org=org, now=now, recipients=tuple(wanted), store=store))
        posted = _post(store, push, org.id, wanted, cards, served, now, codes)
        if push.awaited:
            work.outbox.unanswered([row for row in due if row.member_id in posted])
    work.outbox.move_due(moved)


def _unmuted(store: Store, push: Push, wanted: Sequence[Recipient]) -> list[Recipient]:
    """Whoever muted a beat is not gathered for; what news are muted is looked at where they are (handlers.thirds)."""
    mutes = store.gather_mutes([each.member.id for each in wanted])
    return [
        each
        for each in wanted
        if not is_muted(mutes.get(each.member.id, {}), push.kind, date.fromisoformat(each.label))
    ]


class _Timed:
    """The arithmetic of one slice: people of one zone, calendar and hour share it, however many they are."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._meant: dict[tuple[Rule, str, int, Due, str], Due | None] = {}
        self._following: dict[tuple[Rule, str, int, str], Due | None] = {}

    def meant(self, rule: Rule, zone: str, calendar: Calendar, row: DueRow) -> Due | None:
        """What is due now, as it may be said; with a later instant where quiet hours hold it back."""
        # Calendars of a slice live as long as it: their id stands for them.
        key = (rule, zone, id(calendar), row.due, row.served)
        if key not in self._meant:
            due = caught_up(rule, zone, calendar, row.due, self._now, row.served)
            self._meant[key] = spoken(rule, zone, due, self._now) if due else None
        return self._meant[key]

    def following(self, rule: Rule, zone: str, calendar: Calendar, served: str) -> Due | None:
        """The next period after now."""
        key = (rule, zone, id(calendar), served)
        if key not in self._following:
            self._following[key] = next_due(rule, zone, calendar, self._now, served)
        return self._following[key]


def _still_due(push: Push, member: Member, calendar: Calendar, label: str) -> bool:
    """A day off or a pause taken since the period was planned sends nothing."""
    day = date.fromisoformat(label)
    works = push.cadence is Cadence.DAILY or calendar.is_present(day)
    return works and not (member.paused_until and day <= member.paused_until)


def _post(
    store: Store,
    push: Push,
    org: OrgId,
    wanted: Sequence[Recipient],
    cards: Mapping[MemberId, Card | None],
    served: Mapping[MemberId, Due],
    now: datetime,
    codes: Codes,
) -> frozenset[MemberId]:
    """Writes the letters; who gets one."""
    addresses = store.gather_addresses([recipient.member.id for recipient in wanted])
    posted: dict[MemberId, Notice] = {}
    late: dict[tuple[Due, str], Text | None] = {}
    for recipient in wanted:
        member = recipient.member
        shown = cards.get(member.id)
        if shown is None or member.id not in addresses:
            continue
        posted[member.id] = shown.kind or push.kind
        due = served[member.id]
        if (due, member.zone) not in late:
            late[due, member.zone] = _late(push, member, due, now)
        if words := late[due, member.zone]:
            # A card edited afterwards says it no more.
            shown = replace(shown, late=words)
        store.write(
            Letter(
                key=f"{org}:{push.name}:{member.id}:{period_label(push.cadence, due.label)}",
                to=addresses[member.id],
                card=encode(shown),
                language=member.language,
                due_at=now,
                not_after=due.not_after,
                urgency=Urgency.PUSH,
                token=codes(TOKEN_BITS) if shown.rows else None,
                commands=shown.commands,
                member_id=member.id,
                org_id=org,
                card_key=shown.key,
                kind=posted[member.id],
            )
        )
    store.note_said([*posted.items()], now)
    return frozenset(posted)


def _late(push: Push, member: Member, due: Due, now: datetime) -> Text | None:
    """That it comes late, in one short line (method section 10)."""
    was_at = late_since(push.patience, due, now)
    if was_at is None:
        return None
    at, on = local_time(was_at, member.zone), local_date(was_at, member.zone)
    return t("push.late", at=at) if on == local_date(now, member.zone) else t("push.late_day", at=at, on=on)


def plan_pushes(store: Store, org: Organisation, member: Member, now: datetime) -> None:
    """A person's next period of every push: after joining, and when zone, calendar, settings or the team led change.

    Whoever was never heard counts as heard now: silence is counted from the first push on (product 6).
    """
    if member.heard_on is None:
        store.revise_member(member.id, heard_on=local_date(now, member.zone))
    waited = store.waited(member.id)
    store.plan_pushes(member.id, _periods(store, org, member, registry().pushes.values(), now, waited))
    # The same calendar runs the clocks of the person's deals.
    store.check_deals(None, member.id, now)


def plan_new_pushes(work: Work, org_id: OrgId, now: datetime) -> frozenset[str]:
    """Plans what a new version of the bot brought for people who joined before it; which pushes nobody had."""
    store = work.store(org_id)
    if new := frozenset(registry().pushes) - store.planned_pushes():
        org, pushes = store.organisation(), [registry().pushes[name] for name in sorted(new)]
        for member in store.members():
            store.add_pushes(member.id, _periods(store, org, member, pushes, now))
    return new


def _periods(
    store: Store,
    org: Organisation,
    member: Member,
    pushes: Iterable[Push],
    now: datetime,
    waited: Mapping[str, DueRow] = MappingProxyType({}),
) -> list[tuple[str, Due]]:
    """The next period of each of the pushes a person gets."""
    calendar = store.calendar(org, member)
    is_deputy = any(member.id == team.deputy_id for team in store.teams())
    planned = []
    for push in pushes:
        addressed = member.holds(push.roles) or (push.deputies and is_deputy)
        rule = push.rule(member) if addressed else None
        was = waited.get(push.name)
        due = (
            replanned(rule, member.zone, calendar, now, was.due if was else None, was.served if was else "")
            if rule
            else None
        )
        if due:
            planned.append((push.name, due))
    return planned


def refresh(work: Work, now: datetime, codes: Codes, digest: Digest) -> int:
    """Edits the cards that changed since they were sent; one whose words are the same is left; how many."""
    stale = work.outbox.stale_cards(EDITS)
    for each in stale:
        store = work.store(each.org_id)
        work.outbox.refreshed(each, _edit(store, each, now, codes, digest))
    return len(stale)


def _edit(store: Store, stale: StaleCard, now: datetime, codes: Codes, digest: Digest) -> Letter | None:
    shown = _current(store, stale, now)
    if shown is None:
        return None
    text = encode(shown)
    if digest(text) == stale.digest:
        return None
    return Letter(
        key=f"edit:{stale.org_id}:{stale.key}:{stale.to.platform}:{stale.to.chat}:{stale.version}",
        to=stale.to,
        card=text,
        language=stale.language,
        due_at=now,
        urgency=Urgency.EDIT,
        delivery=Delivery.EDIT,
        edits=stale.message,
        token=codes(TOKEN_BITS) if shown.rows else None,
        commands=shown.commands,
        member_id=stale.member_id,
        org_id=stale.org_id,
        card_key=stale.key,
    )


def _current(store: Store, stale: StaleCard, now: datetime) -> Card | None:
    name, number, label = stale.key.split(":")
    member, org = store.member(MemberId(int(number))), store.organisation()
    return LIVING[name](store, org, member, label, now)
