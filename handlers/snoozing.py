"""What somebody wanted to see again later: kept until then, and made anew then (product section 6)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from domain.kinds import KINDS, Notice, Sort
from domain.news_ports import Snooze
from domain.people import Member
from domain.ports import Letter, Store, Urgency, Work
from domain.schedule import QUIET_FROM, after_quiet, instant, local_date
from domain.thirds import news_at
from handlers.anew import made_anew
from handlers.letters import TOKEN_BITS
from handlers.registry import registry
from handlers.turn import Codes, Turn
from handlers.view import encode

# So many are looked at in one turn of the writer.
SNOOZES = 50
SHORT = {"15": timedelta(minutes=15), "60": timedelta(hours=1)}


def snoozed_until(turn: Turn, kind: Notice, on: date, when: str) -> datetime:
    """Keeps that a card is to come again, and says when: in a while, or on the next day worked at its own hour.

    In a while is never in the quiet hours: what would fall into them comes on the next day worked. News go back to what
    waits, and the beats of that day come anyway, so tomorrow costs no message.
    """
    at = turn.now + SHORT.get(when, timedelta(0))
    if when in SHORT and after_quiet(at, turn.me.zone) == at:
        turn.store.snooze(Snooze(member_id=turn.me.id, kind=kind, about=on, due_at=at))
        return at
    turn.store.drop_snooze(turn.me.id, kind)
    day = turn.calendar().after(local_date(turn.now, turn.me.zone))
    at = instant(day, _hour(turn, kind, day), turn.me.zone)
    if KINDS[kind].sort is Sort.NEWS:
        turn.store.wait_again(turn.me.id, on, min(at, instant(day, time(), turn.me.zone)))
    return at


def _hour(turn: Turn, kind: Notice, day: date) -> time:
    """When a kind comes on a day."""
    if KINDS[kind].sort is Sort.NEWS:
        return news_at(turn.me, turn.calendar(), day)
    push = next(each for each in registry().pushes.values() if each.kind is kind)
    return push.at(turn.me) or turn.me.day_starts


def send_again(work: Work, now: datetime, codes: Codes) -> int:
    """Writes the letters of what is to come again by now, each made anew; how many were due."""
    due = work.outbox.due_snoozes(now, SNOOZES)
    for org_id, each in due:
        store = work.store(org_id)
        store.drop_snooze(each.member_id, each.kind)
        _again(store, each, now, codes)
    return len(due)


def _again(store: Store, snooze: Snooze, now: datetime, codes: Codes) -> None:
    """Nothing for who is off or in a pause by then, and nothing in the quiet hours after a time without us."""
    org, member = store.organisation(), store.member(snooze.member_id)
    if not _is_there(store, member, now):
        return
    shown = made_anew(store, org, member, snooze.kind, snooze.about, now)
    address = store.gather_addresses([member.id]).get(member.id)
    if shown is None or address is None:
        return
    shown = replace(shown, kind=None)
    store.write(
        Letter(
            key=f"again:{org.id}:{member.id}:{snooze.kind}:{snooze.due_at.isoformat()}",
            to=address,
            card=encode(shown),
            language=member.language,
            due_at=now,
            not_after=instant(local_date(now, member.zone), QUIET_FROM, member.zone),
            urgency=Urgency.PUSH,
            token=codes(TOKEN_BITS) if shown.rows else None,
            commands=shown.commands,
            member_id=member.id,
            org_id=org.id,
            card_key=shown.key,
            kind=snooze.kind,
        )
    )


def _is_there(store: Store, member: Member, now: datetime) -> bool:
    on = local_date(now, member.zone)
    paused = member.paused_until is not None and on <= member.paused_until
    awake = after_quiet(now, member.zone) == now
    return awake and not paused and store.calendar(store.organisation(), member).is_present(on)
