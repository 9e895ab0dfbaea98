"""/spotcheck [Q5 valid | Q5 invalid | Q5 uphold | Q5 reverse | appeal V81 | explain V81]; reason: TEXT"""

import re
from datetime import timedelta

from domain.activity import ActivityId
from domain.kinds import Notice
from domain.people import MemberId, Role
from domain.quota import half_up
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from domain.samples import APPEAL_WITHIN, Doubt, Sample, Upheld, Verdict, coefficient
from domain.workdays import monday
from handlers.answer import ask
from handlers.args import Args, Missing, Told, Words
from handlers.colleagues import led_by
from handlers.letters import teller
from handlers.negotiating import leaders_of
from handlers.pieces.clipped import clipped
from handlers.pieces.sample import judged_card, record_lines, verdict_line
from handlers.pieces.undo_button import undo_button
from handlers.registry import Scope, command, registry
from handlers.sampling import gathered_odd, judged_until, open_samples
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, card, t
from handlers.weekly import People
from handlers.words import catalogue

REFERENCE = re.compile(r"#?Q(?P<id>\d{1,18})", re.IGNORECASE)
RECORD = re.compile(r"#?V(?P<id>\d{1,18})", re.IGNORECASE)
LAST = ("valid", "invalid", "uphold", "reverse")
FIRST = ("appeal", "explain")
A_WEEK = timedelta(days=7)
SHOWN = 6


class SpotcheckArgs(Args):
    """Which record and what about it; a reason for a judgement, an appeal or an explanation."""

    lead = ("what",)
    what: Words | None = None
    reason: Told | None = None


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), scope=Scope.TEAM)
def spotcheck(turn: Turn, args: SpotcheckArgs) -> Card:
    """The next record to judge, for who leads; for a rep what was judged of theirs, appeal and explanation."""
    words = (args.what or "").split()
    first = _word(words[0], FIRST) if words else None
    if first and len(words) == 2:
        return _of_mine(turn, first, words[1], args)
    if reference := REFERENCE.fullmatch(words[0]) if words else None:
        word = _word(words[1], LAST) if len(words) == 2 else None
        return _judged(turn, int(reference["id"]), word, args)
    if words:
        raise NotUnderstood("spotcheck.what", said=" ".join(words)[:30])
    if led_by(turn.me, turn.store.teams()) or Role.DIRECTOR in turn.me.roles:
        return _next(turn)
    return _mine(turn)


def _word(said: str, known: tuple[str, ...]) -> str | None:
    return next(
        (each for each in known if said.casefold() in catalogue().listed(f"spotcheck.{each}_words")), None
    )


def _leaders(turn: Turn) -> list[MemberId]:
    """Whose samples the speaker may judge: those of the teams they lead, whichever of the two seats was asked."""
    seats = [
        each
        for team in led_by(turn.me, turn.store.teams())
        for each in (team.manager_id, team.deputy_id)
        if each
    ]
    return list(dict.fromkeys([turn.me.id, *seats]))


def _next(turn: Turn) -> Card:
    """The next record that waits; appeals come before it for whoever decides them."""
    appeal = next((each for each in turn.store.appeals() if _decides(turn, each)), None)
    if appeal:
        return _appeal_card(turn, appeal)
    waiting = [each for each in open_samples(turn.store, _leaders(turn), turn.today) if _still(turn, each)]
    if not waiting:
        return card(t("spotcheck.nothing"), Note(t("spotcheck.nothing_means")))
    return judged_card(turn, waiting[0], len(waiting))


def _still(turn: Turn, sample: Sample) -> bool:
    return turn.said_at < judged_until(sample, turn.calendar(), turn.me.zone)


def _known(turn: Turn, number: int) -> Sample:
    found = turn.store.sample(number)
    if found is None or not _concerns(turn, found):
        # That somebody is being checked is nobody else's to know.
        raise NotFound("spotcheck.no_such", id=f"Q{number}")
    return found


def _concerns(turn: Turn, sample: Sample) -> bool:
    """Whether a record of a sample is the speaker's own, or of somebody they lead."""
    person = turn.store.member(sample.member_id)
    return person.id == turn.me.id or turn.me.id in {each.id for each in leaders_of(turn.store, person)}


def _judged(turn: Turn, number: int, word: str | None, args: SpotcheckArgs) -> Card:
    sample = _known(turn, number)
    if word in ("uphold", "reverse"):
        return _decided(turn, sample, reverse=word == "reverse")
    person = turn.store.member(sample.member_id)
    if person.id == turn.me.id or turn.me.id not in {each.id for each in leaders_of(turn.store, person)}:
        raise NotAllowed("spotcheck.not_yours", name=person.name)
    if word is None:
        return judged_card(turn, sample, 1)
    if sample.verdict is not Verdict.OPEN:
        raise NotNow("spotcheck.judged", id=f"V{sample.activity_id}")
    if not _still(turn, sample):
        raise NotNow("spotcheck.too_late")
    if word == "invalid" and args.reason is None:
        line = f"/spotcheck Q{number} invalid"
        return ask(turn, registry().commands["spotcheck"], Missing(line=line, part="reason"))
    verdict = Verdict.VALID if word == "valid" else Verdict.INVALID
    turn.store.revise_sample(
        number, verdict=verdict, judged_by=turn.me.id, judged_at=turn.said_at, reason=args.reason or ""
    )
    if verdict is Verdict.INVALID:
        _tell_maker(turn, sample, args.reason or "")
    following = _next(turn)
    done = Line(t(f"spotcheck.{verdict}_done", id=f"V{sample.activity_id}"), Mark.DONE)
    rows = (*following.rows, (undo_button(turn),))
    return card(done, *following.blocks, rows=rows[:3])


def _tell_maker(turn: Turn, sample: Sample, reason: str) -> None:
    """The rep reads the reason, and how to object."""
    appeal = Button(t("spotcheck.appeal_button"), f"/spotcheck appeal V{sample.activity_id}\nreason:")
    told = card(
        t("spotcheck.told", id=f"V{sample.activity_id}", by=turn.me.name),
        t("spotcheck.because", reason=clipped(reason, 60)),
        Note(t("spotcheck.told_means", n=APPEAL_WITHIN.days)),
        rows=((appeal,),),
    )
    teller(turn).tell(sample.member_id, Notice.QUALITY, f"spotcheck:{sample.id}", told)


def _of_mine(turn: Turn, what: str, said: str, args: SpotcheckArgs) -> Card:
    """An own record: an objection to its judgement, or why it looks odd."""
    reference = RECORD.fullmatch(said)
    found = turn.store.activity(ActivityId(int(reference["id"]))) if reference else None
    if found is None or found[0].member_id != turn.me.id:
        raise NotFound("record.no_such", id=said[:20])
    made = found[0]
    if args.reason is None:
        line = f"/spotcheck {what} V{made.id}"
        return ask(turn, registry().commands["spotcheck"], Missing(line=line, part="reason"))
    first = monday(made.on)
    if what == "explain":
        turn.store.add_doubt(
            Doubt(
                member_id=turn.me.id,
                monday=first,
                activity_id=made.id,
                answer=args.reason,
                answered_at=turn.said_at,
            )
        )
        return card(Line(t("spotcheck.explained", id=f"V{made.id}"), Mark.DONE), rows=((undo_button(turn),),))
    samples = turn.store.samples([turn.me.id], first, first).get(turn.me.id, ())
    sample = next((each for each in samples if each.activity_id == made.id), None)
    if sample is None or not sample.is_invalid or sample.judged_at is None:
        raise NotNow("spotcheck.nothing_to_appeal", id=f"V{made.id}")
    if sample.upheld is not Upheld.NONE:
        raise NotNow("spotcheck.appealed", id=f"V{made.id}")
    if turn.said_at - sample.judged_at > APPEAL_WITHIN:
        raise NotNow("spotcheck.appeal_late", n=APPEAL_WITHIN.days)
    turn.store.revise_sample(sample.id, appeal=args.reason, appealed_at=turn.said_at, upheld=Upheld.WAITING)
    appealed = _known(turn, sample.id)
    for each in _deciders(turn, appealed)[:1]:
        teller(turn).tell(each, Notice.APPEAL, f"appeal:{sample.id}", _appeal_card(turn, appealed))
    return card(Line(t("spotcheck.appeal_kept", id=f"V{made.id}"), Mark.DONE), rows=((undo_button(turn),),))


def _deciders(turn: Turn, sample: Sample) -> list[MemberId]:
    """Who decides an appeal: whoever leads and did not judge; where there is nobody else, who judged."""
    leaders = [each.id for each in leaders_of(turn.store, turn.store.member(sample.member_id))]
    others = [each for each in leaders if each != sample.judged_by]
    return [*reversed(others)] or leaders


def _decides(turn: Turn, sample: Sample) -> bool:
    return turn.me.id in _deciders(turn, sample)


def _appeal_card(turn: Turn, sample: Sample) -> Card:
    found = turn.store.activity(sample.activity_id)
    assert found is not None
    person = turn.store.member(sample.member_id)
    line = f"/spotcheck Q{sample.id}"
    return card(
        t("spotcheck.appeal_of", name=clipped(person.name, 14), id=f"V{sample.activity_id}"),
        *record_lines(turn.store, *found, person.zone)[:4],
        t("spotcheck.because", reason=clipped(sample.reason, 40)),
        t("spotcheck.objects", reason=clipped(sample.appeal, 40)),
        rows=(
            (
                Button(t("spotcheck.reverse_button"), f"{line} reverse"),
                Button(t("spotcheck.uphold_button"), f"{line} uphold"),
            ),
        ),
    )


def _decided(turn: Turn, sample: Sample, *, reverse: bool) -> Card:
    if sample.upheld is not Upheld.WAITING:
        raise NotNow("spotcheck.no_appeal", id=f"V{sample.activity_id}")
    if not _decides(turn, sample):
        raise NotAllowed("spotcheck.not_yours", name=turn.store.member(sample.member_id).name)
    upheld = Upheld.REVERSED if reverse else Upheld.UPHELD
    turn.store.revise_sample(sample.id, upheld=upheld, upheld_by=turn.me.id)
    told = card(t(f"spotcheck.told_{upheld}", id=f"V{sample.activity_id}", by=turn.me.name))
    teller(turn).tell(sample.member_id, Notice.QUALITY, f"spotcheck:{sample.id}", told)
    return card(
        Line(t(f"spotcheck.{upheld}_done", id=f"V{sample.activity_id}"), Mark.DONE),
        rows=((undo_button(turn),),),
    )


def _mine(turn: Turn) -> Card:
    """What was drawn of one's own last two weeks, and what looks odd, privately."""
    this = monday(turn.today)
    samples = turn.store.samples([turn.me.id], this - A_WEEK, this).get(turn.me.id, ())
    odd = _odd(turn)
    lines: list[Block] = [Line(verdict_line(each)) for each in samples[:SHOWN]]
    if samples:
        share = coefficient(len(samples), sum(1 for each in samples if each.is_invalid))
        lines.append(Line(t("spotcheck.share", percent=half_up(share * 100))))
    lines += [Line(t("spotcheck.odd", id=f"V{each}")) for each in odd[:1]]
    buttons = [
        Button(t("spotcheck.explain_button"), f"/spotcheck explain V{each}\nreason:") for each in odd[:1]
    ]
    buttons += [
        Button(
            t("spotcheck.appeal_of_button", id=f"V{each.activity_id}"),
            f"/spotcheck appeal V{each.activity_id}\nreason:",
        )
        for each in samples
        if each.is_invalid and each.upheld is Upheld.NONE
    ][:2]
    if not lines:
        return card(t("spotcheck.none_of_mine"))
    return card(t("spotcheck.mine"), *lines, rows=tuple((each,) for each in buttons))


def _odd(turn: Turn) -> tuple[ActivityId, ...]:
    """The speaker's own, of this week and of the one that is about to be drawn from."""
    people: People = {turn.me.id: (turn.me, turn.calendar())}
    this = monday(turn.today)
    weeks = (gathered_odd(turn.store, people, first) for first in (this - A_WEEK, this))
    return tuple(each for found in weeks for each in found.get(turn.me.id, ()))
