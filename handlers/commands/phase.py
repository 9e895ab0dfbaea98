"""/phase DEAL [PHASE]"""

from collections.abc import Mapping
from dataclasses import replace

from domain.deals import Deal, Dossier
from domain.gates import Caution, is_ahead
from domain.milestones import PHASES, Phase
from domain.refusals import NotUnderstood
from handlers.args import Args, Missing, Words
from handlers.dealing import SELLERS, deal_choices, deal_in_question, dossier_meant, must_be_open, title_of
from handlers.gating import milestone_words
from handlers.pieces.undo_button import undo_button
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Note, Rows, card, in_rows, t
from handlers.view import Words as Said
from handlers.words import catalogue

NAMES: Mapping[str, str] = {phase: f"milestone.phase_{phase}" for phase in PHASES}


class PhaseArgs(Args):
    """Which deal, and where its customer stands now."""

    lead = ("deal",)
    deal: Words
    phase: Words | None = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    return deal_choices(turn, "phase") if missing.part == "deal" else ()


@command(roles=SELLERS, choices=_choices, about=deal_in_question)
def phase(turn: Turn, args: PhaseArgs) -> Card:
    """Shows where the customer stands on the way to buying; one tap says it anew."""
    said, wanted = _split(args.deal, args.phase)
    found = dossier_meant(
        turn, said, lambda number: f"/phase {number} {wanted}" if wanted else f"/phase {number}"
    )
    if isinstance(found, Card):
        return found
    deal = found.deal
    must_be_open(deal)
    if wanted is None or wanted is deal.phase:
        return card(
            Line(t("deals.named", id=f"D{deal.id}", what=title_of(deal))),
            *_where(found),
            rows=_rows(deal),
        )
    turn.store.revise_deal(deal.id, phase=wanted)
    now = replace(found, deal=replace(deal, phase=wanted))
    return card(
        Line(t("phase.set", id=f"D{deal.id}", phase=t(NAMES[wanted])), Mark.DONE),
        Line(title_of(deal)),
        *_ahead(now),
        rows=((undo_button(turn),),),
    )


def _where(dossier: Dossier) -> tuple[Line | Note, ...]:
    ours = t("milestone.named", n=dossier.deal.milestone, name=milestone_words(dossier.deal.milestone))
    return (
        Line(t("phase.customer", phase=t(NAMES[dossier.deal.phase]))),
        Line(t("phase.ours", milestone=ours, phase=t(NAMES[dossier.stage.phase]))),
        *_ahead(dossier),
    )


def _ahead(dossier: Dossier) -> tuple[Note, ...]:
    return (Note(t(f"caution.{Caution.AHEAD_OF_CUSTOMER}")),) if is_ahead(dossier) else ()


def _rows(deal: Deal) -> Rows:
    """The six phases, the present one marked."""
    buttons = [Button(_label(deal, each), f"/phase D{deal.id} {each}") for each in PHASES]
    return in_rows(buttons)


def _label(deal: Deal, each: Phase) -> Said:
    return t("phase.here", phase=t(NAMES[each])) if each is deal.phase else t(NAMES[each])


def _split(said: str, named: str | None) -> tuple[str, Phase | None]:
    """The deal and the phase, which may stand behind it; raises `NotUnderstood` for a phase that is none."""
    if named is not None:
        return said, _phase(named)
    words = said.split()
    for cut in range(1, len(words)):
        code = _meant(" ".join(words[cut:]))
        if code:
            return " ".join(words[:cut]), code
    # Behind a number nothing but a phase can stand.
    first, *rest = words
    return (first, _phase(" ".join(rest))) if rest and first[1:].isdecimal() else (said, None)


def _meant(said: str) -> Phase | None:
    if said.casefold() in list(PHASES):
        return Phase(said.casefold())
    found = catalogue().meant(said, NAMES)
    return Phase(found) if found else None


def _phase(said: str) -> Phase:
    found = _meant(said.strip())
    if found is None:
        raise NotUnderstood("phase.none_such", said=said[:30]).at("phase")
    return found
