"""The report of a week: drafted from its numbers, one line by the rep, a comment by whoever leads (product section 6)."""

from collections.abc import Sequence
from dataclasses import replace

from domain.disputes import WeekReport
from domain.people import Member, MemberId, Role, Team
from domain.periods import Span
from domain.ports import Store
from domain.refusals import NotAllowed, NotFound, NotNow
from domain.schedule import local_date
from handlers.colleagues import called, colleague_named, led_by
from handlers.deciding import whole
from handlers.pieces.pages import turning
from handlers.pieces.scorecard import Shown, shown_of, total_words, when
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, touch_day, touch_digest
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Words, card, t

# What a comment is with one tap: kept by its code, read in the rep's own language.
TAPS = ("good", "talk")


def comment_words(comment: str) -> Words:
    """A comment as it is read."""
    return t(f"week.comment_{comment}") if comment in TAPS else comment


def report_of(store: Store, member: MemberId, span: Span) -> WeekReport | None:
    """What was written about a week."""
    return next(iter(store.week_reports([member], [span.label]).get(member, ())), None)


def may_report(turn: Turn, span: Span) -> bool:
    """A line is for the week that runs, and for the last one until its card closes."""
    return span.first <= turn.today and turn.now < span.closes_at(turn.calendar(), turn.me.zone)


def write_line(turn: Turn, span: Span, said: str | None, draft: Sequence[Block]) -> Card:
    """The draft and the question for one line; the line goes to whoever leads the team."""
    if not may_report(turn, span):
        raise NotNow("week.report_closed")
    before = report_of(turn.store, turn.me.id, span)
    last = " last" if span.last < turn.today else ""
    if not said:
        written = (Line(t("week.your_line", line=before.line)),) if before and before.line else ()
        return card(
            t("week.draft", what=when(span)),
            *draft,
            *written,
            t("week.part.line.ask"),
            ask=Ask(f"/week report{last}", "line"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    line = whole(said)
    kept = before or WeekReport(id=0, member_id=turn.me.id, label=span.label, line="", sent_at=turn.said_at)
    turn.store.keep_week_report(replace(kept, line=line, sent_at=turn.said_at))
    for leader in _leaders(turn.store.teams(), turn.me):
        touch_digest(turn.store, leader, local_date(turn.now, turn.store.member(leader).zone))
    return card(
        Line(t("week.reported", what=when(span)), Mark.DONE),
        Line(line),
        Note(t("week.report_means")),
        rows=((undo_button(turn),),),
    )


def _leaders(teams: Sequence[Team], member: Member) -> tuple[MemberId, ...]:
    team = next((each for each in teams if each.id == member.team_id), None)
    both = (team.manager_id, team.deputy_id) if team else ()
    return tuple(each for each in both if each and each != member.id)


def reps_of(turn: Turn) -> list[Member]:
    """Whose reports somebody reads, by name; raises `NotAllowed` for who leads nobody."""
    teams = turn.store.teams()
    led = teams if Role.DIRECTOR in turn.me.roles else led_by(turn.me, teams)
    if not led:
        raise NotAllowed("team.not_leading")
    ids = {each.id for each in led}
    found = [
        each
        for each in turn.store.members()
        if Role.REP in each.roles and each.team_id in ids and each.id != turn.me.id
    ]
    return sorted(found, key=lambda each: (each.name.casefold(), each.id))


def reports_card(turn: Turn, span: Span, page: int) -> Card:
    """One report a page: those with a line and without a comment first."""
    people = reps_of(turn)
    reports = {
        number: found[-1]
        for number, found in turn.store.week_reports([each.id for each in people], [span.label]).items()
    }
    waiting = [each for each in people if each.id in reports and not reports[each.id].comment]
    order = [*waiting, *(each for each in people if each not in waiting)]
    if not 1 <= page <= len(order):
        raise NotFound("members.no_page", n=page) if order else NotFound("team.nobody")
    member = order[page - 1]
    shown = shown_of(turn.store, turn.org, member, span, turn.now)
    return report_card(turn, member, span, reports.get(member.id), shown, page=page, last=len(order))


def report_card(
    turn: Turn,
    member: Member,
    span: Span,
    report: WeekReport | None,
    shown: Shown | None,
    *,
    page: int = 1,
    last: int = 1,
) -> Card:
    """A rep's week in few lines, and the comment with one tap."""
    blocks: list[Block] = [Line(t("week.report_of", name=member.name, what=when(span)))]
    if shown:
        blocks.append(Line(total_words(shown)))
    blocks.append(Line(report.line) if report and report.line else Note(t("week.no_line")))
    if report and report.comment:
        blocks.append(Note(t("week.commented", comment=comment_words(report.comment))))
    comment = f"/week comment M{member.id} {span.label}"
    taps = tuple(Button(t(f"week.comment_{each}"), f"{comment}\nline: {each}") for each in TAPS)
    others = (
        Button(t("week.own_words"), comment),
        Button(t("score.back_button"), f"/score M{member.id} {span.label}"),
    )
    pages = turning(f"/week reports {span.label}", page, last)
    return card(*blocks, rows=(taps, others, *((pages,) if pages else ())))


def comment_on(turn: Turn, member: Member, span: Span, said: str | None) -> Card:
    """The comment of whoever leads: the rep's next Monday card opens with it."""
    before = report_of(turn.store, member.id, span)
    if not said:
        return card(
            t("week.comment_what", name=member.name),
            ask=Ask(f"/week comment M{member.id} {span.label}", "line"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    comment = whole(said)
    kept = before or WeekReport(id=0, member_id=member.id, label=span.label, line="", sent_at=turn.said_at)
    turn.store.keep_week_report(
        replace(kept, comment=comment, commented_by=turn.me.id, commented_at=turn.said_at)
    )
    touch_day(turn.store, member.id, local_date(turn.now, member.zone))
    touch_digest(turn.store, turn.me.id, turn.today)
    following = Button(t("week.next_report"), f"/week reports {span.label}")
    return card(
        Line(t("week.comment_kept", name=member.name), Mark.DONE),
        Line(comment_words(comment)),
        rows=((following, undo_button(turn)),),
    )


def unread(store: Store, members: Sequence[MemberId], span: Span) -> tuple[MemberId, ...]:
    """Whose line of a week nobody has commented yet."""
    found = store.week_reports(members, [span.label])
    return tuple(number for number, reports in found.items() if reports[-1].line and not reports[-1].comment)


def rep_meant(turn: Turn, words: str) -> tuple[Member, str]:
    """Whose report is meant at the beginning of some words, and what is left of them.

    Raises `NotFound` for nobody whom the speaker leads.
    """
    people = reps_of(turn)
    parts = words.split()
    for used in range(len(parts), 0, -1):
        if len(found := called(" ".join(parts[:used]), people)) == 1:
            return found[0], " ".join(parts[used:])
    return colleague_named(words, people), ""
