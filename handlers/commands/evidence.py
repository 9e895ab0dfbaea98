"""/evidence DEAL [WHAT]; text: TEXT; from: WHO; file: sent to the chat"""

import re
from collections.abc import Sequence

from domain.deal_ports import Which
from domain.deals import Dossier, Evidence, EvidenceId, State
from domain.files import FileKind, StoredFile
from domain.gates import is_fresh, met, proof_of
from domain.milestones import Requirement
from domain.refusals import NotFound, NotNow
from handlers.args import TEXT_LIMIT, Args, FileRef, Name, Told, Words, YesNo
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant, title_of
from handlers.gating import gate_of, must_be_active
from handlers.pieces.clipped import clipped
from handlers.pieces.needs import missing_buttons, missing_words, need_words
from handlers.pieces.undo_button import undo_button
from handlers.proving import OTHER, Given, prove, requirement_named, requirements, unproven
from handlers.registry import attachments, command
from handlers.turn import Turn
from handlers.view import (
    Ask,
    Attachment,
    Block,
    Button,
    Card,
    Line,
    Mark,
    Note,
    Steps,
    card,
    in_rows,
    t,
)
from handlers.view import Words as Said

NUMBER = re.compile(r"#?E(?P<id>\d{1,18})", re.IGNORECASE)
OFFERED, LISTED = 4, 5
# The whole of what a part may hold, also in Chinese: it was kept to be read.
TEXT_COLUMNS = 2 * TEXT_LIMIT


class EvidenceArgs(Args):
    """Which deal, for which requirement, and what: words, or a file sent to the chat."""

    lead = ("deal", "what")
    deal: Name
    what: Words | None = None
    text: Told | None = None
    source: Name | None = None
    file: FileRef | None = None
    forwarded: YesNo | None = None

    @property
    def gives(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.text) or self.file is not None


@command(roles=SELLERS, about=deal_in_question)
def evidence(turn: Turn, args: EvidenceArgs) -> Card:
    """Keeps proof for a gate, shows what there is, or one piece (E4) with its file."""
    if number := NUMBER.fullmatch(args.deal):
        return _one(turn, EvidenceId(int(number["id"])))
    right = Right.WORK if args.gives or args.what else Right.SEE
    found = dossier_meant(turn, args.deal, lambda number: args.again("evidence", deal=number), right)
    if isinstance(found, Card):
        return found
    if not args.what and not args.gives:
        return _list(turn, found)
    must_be_active(found.deal)
    open_ones = unproven(found, turn)
    if args.what:
        wanted = requirement_named(found, args.what, turn.language)
    elif len(requirements(found)) > 1 and open_ones:
        return _for_what(found, args)
    else:
        wanted = next(iter(open_ones or requirements(found)), None)
    if not args.gives:
        code = wanted.code if wanted else OTHER
        return card(
            Line(t("evidence.ask", what=need_words(wanted) if wanted else t("evidence.other"))),
            ask=Ask(f"/evidence D{found.deal.id} {code}", "text"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    file = turn.store.file(args.file) if args.file is not None else None  # type: ignore[arg-type]
    given = Given(
        text=args.text or "", source=args.source or "", file=file, forwarded=args.forwarded == "yes"
    )
    prove(turn, found, wanted, given)
    return _proved(turn, turn.store.dossier(found.deal), wanted)


def _for_what(found: Dossier, args: EvidenceArgs) -> Card:
    """Several proofs are open: which one this is."""
    line = args.again("evidence", deal=f"D{found.deal.id}")
    first, _, rest = line.partition("\n")
    rows = tuple(
        (Button(need_words(each), f"{first} {each.code}\n{rest}"),) for each in requirements(found)[:2]
    )
    return card(
        t("evidence.for_what", id=f"D{found.deal.id}"),
        rows=(*rows, (Button(t("evidence.other_button"), f"{first} {OTHER}\n{rest}"),)),
    )


def _proved(turn: Turn, now: Dossier, wanted: Requirement | None) -> Card:
    """What was kept, and what the gate still misses."""
    seen = gate_of(turn, now)
    needs = missing_words(seen, now)
    number = f"D{now.deal.id}"
    what = need_words(wanted) if wanted else t("evidence.other")
    left: tuple[Block, ...] = (Note(t("evidence.ready", id=number)),)
    if needs:
        left = (Steps(tuple((Mark.OPEN, each) for each in needs[:LISTED])),)
    on = (Button(t("deal.advance_button"), f"/advance {number}"), undo_button(turn))
    supplied = missing_buttons(seen, now)[:2]
    return card(
        Line(t("evidence.kept", id=number, what=what), Mark.DONE),
        Line(title_of(now.deal)),
        *left,
        rows=(*((supplied,) if supplied else ()), on),
    )


def _list(turn: Turn, found: Dossier) -> Card:
    """The proofs of the present stage, then what else was given."""
    milestone, number = found.deal.milestone, f"D{found.deal.id}"
    items: list[tuple[Mark, Said]] = []
    buttons: list[Button] = []
    for each in found.stage.evidence:
        done = met(each, found, turn.today, milestone)
        proof = proof_of(each, found, milestone)
        words: Said = need_words(each)
        if proof and not is_fresh(proof.given_on, turn.today):
            words = t("need.renew", what=words)
        items.append((Mark.DONE if done else Mark.OPEN, words))
        if proof:
            buttons.append(_show(proof))
        elif each in requirements(found) and found.deal.state is State.ACTIVE:
            buttons.append(Button(need_words(each), f"/evidence {number} {each.code}"))
    shown = {each for each in (proof_of(need, found, milestone) for need in found.stage.evidence) if each}
    rest = [each for each in reversed(found.evidence) if each not in shown and not each.superseded]
    buttons += [_show(each) for each in rest]
    blocks: list[Block] = [
        Line(t("evidence.title", id=number, what=title_of(found.deal))),
        Steps(tuple(items)),
    ]
    if rest:
        blocks.append(Note(t("evidence.more", n=len(rest))))
    return card(*blocks, rows=in_rows(buttons[:OFFERED]))


def _show(proof: Evidence) -> Button:
    return Button(t("evidence.show_button", id=f"E{proof.id}"), f"/evidence E{proof.id}")


def _one(turn: Turn, number: EvidenceId) -> Card:
    """One piece of proof with its file, for whoever may see the deal."""
    proof = turn.store.evidence(number)
    if proof is None:
        raise NotFound("evidence.no_number", id=f"E{number}")
    found = dossier_meant(turn, f"D{proof.deal_id}", str, Right.SEE)
    if isinstance(found, Card):
        return found
    file = turn.store.file(proof.file_id) if proof.file_id else None
    by = turn.store.member(proof.given_by).name
    lines: list[Block] = [
        Line(t("evidence.one", id=f"E{number}", deal=f"D{proof.deal_id}", what=_what(found, proof))),
        Line(t("evidence.given", name=by, on=proof.given_on, kind=t(f"evidence.kind_{proof.kind}"))),
    ]
    if proof.text:
        lines.append(Line(clipped(proof.text, TEXT_COLUMNS)))
    if proof.source:
        lines.append(Line(t("evidence.source", name=proof.source)))
    if proof.superseded:
        lines.append(Note(t("evidence.superseded")))
    if file:
        lines.append(_enclosed(file, found, proof))
    return card(*lines, rows=((Button(t("evidence.all_button"), f"/evidence D{proof.deal_id}"),),))


def _what(found: Dossier, proof: Evidence) -> Said:
    stage = found.template.stage(min(proof.milestone, len(found.template.stages)))
    need = next((each for each in stage.evidence if each.code == proof.code), None)
    return need_words(need) if need else t("evidence.other")


def _enclosed(file: StoredFile, found: Dossier, proof: Evidence) -> Attachment:
    alt = t("evidence.alt", id=f"D{found.deal.id}", what=_what(found, proof))
    return Attachment(file.id, file.name, FileKind(file.kind), alt)


@attachments
def kept_for(turn: Turn, files: Sequence[StoredFile], caption: str, forwarded_from: str | None) -> Card:
    """What was sent without a question: for which deal it is evidence; nothing is decided without a tap."""
    own = turn.store.deals(Which(seen_by=turn.me.id, states=frozenset({State.ACTIVE})), OFFERED)
    if not own:
        raise NotNow("evidence.no_deals")
    parts = [f"\nfile: F{files[0].id}"] if files else []
    parts += [f"\ntext: {caption}"] if caption else []
    parts += ["\nforwarded: yes"] if forwarded_from is not None else []
    parts += [f"\nsource: {forwarded_from}"] if forwarded_from else []
    buttons = [
        Button(
            t("deals.choice", id=f"D{each.id}", what=clipped(each.customer_name, 14)),
            f"/evidence D{each.id}{''.join(parts)}",
        )
        for each in own
    ]
    more = (Note(t("evidence.first_only", n=len(files))),) if len(files) > 1 else ()
    return card(t("evidence.for_which_deal"), *more, rows=in_rows(buttons))
