"""A record of the sample, as whoever judges it and whoever made it see it (method section 2)."""

from domain.activity import Activity
from domain.ports import Store, Wording
from domain.samples import Sample, Upheld, Verdict
from domain.schedule import local_time
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Rows, Words, card, t

NAME_COLUMNS, WORDS_COLUMNS = 14, 28


def judged_card(turn: Turn, sample: Sample, waiting: int) -> Card:
    """One record to judge: who, whom, when, what came of it; one tap each."""
    found = turn.store.activity(sample.activity_id)
    assert found is not None
    made, wording = found
    line = f"/spotcheck Q{sample.id}"
    rows: Rows = (
        (
            Button(t("spotcheck.valid_button"), f"{line} valid"),
            Button(t("spotcheck.invalid_button"), f"{line} invalid\nreason:"),
        ),
    )
    person = turn.store.member(sample.member_id)
    return card(
        t("spotcheck.title", name=clipped(person.name, NAME_COLUMNS), n=waiting),
        *record_lines(turn.store, made, wording, person.zone),
        rows=rows,
    )


def record_lines(store: Store, made: Activity, wording: Wording, zone: str) -> tuple[Block, ...]:
    """What the record says, and when it was entered."""
    customer = store.customer(made.customer_id)
    names: list[Words] = (
        [each.name for each in customer.contacts if each.id in made.contact_ids] if customer else []
    )
    what = t(f"record.plain_{made.kind}", customer=clipped(customer.name if customer else "-", WORDS_COLUMNS))
    lines: list[Block] = [Line(what)]
    if names:
        lines.append(Line(t("spotcheck.met", names=listed(names[:2]))))
    if wording.result:
        lines.append(Line(t("spotcheck.result", text=clipped(wording.result, WORDS_COLUMNS))))
    if wording.next:
        lines.append(Line(t("spotcheck.next", text=clipped(wording.next, WORDS_COLUMNS))))
    at = local_time(made.at, zone)
    lines.append(Note(t("spotcheck.when", on=made.on, at=at)))
    return tuple(lines)


def verdict_line(sample: Sample) -> Words:
    """How a record was judged, as its maker reads it."""
    if sample.verdict is Verdict.OPEN:
        return t("spotcheck.is_open", id=f"V{sample.activity_id}")
    if sample.upheld is Upheld.WAITING:
        return t("spotcheck.is_appealed", id=f"V{sample.activity_id}")
    good = not sample.is_invalid
    return t("spotcheck.is_valid" if good else "spotcheck.is_invalid", id=f"V{sample.activity_id}")
