"""Evidence of a deal: given as words, a link, a picture, a document, a forwarded message or a contact's own words."""

import re
from dataclasses import dataclass

from domain.customers import ContactId
from domain.deals import Dossier, Evidence, EvidenceId, EvidenceKind
from domain.files import FileId, FileKind, StoredFile
from domain.gates import is_fresh, proof_of
from domain.milestones import Requirement, Source, named
from domain.people import Language
from domain.refusals import NotFound
from handlers.gating import must_be_active
from handlers.pieces.listed import listed
from handlers.pieces.needs import need_words
from handlers.reading.names import fold
from handlers.turn import Turn
from handlers.words import catalogue

LINK = re.compile(r"https?://\S+", re.IGNORECASE)
# Evidence of no requirement: kept, and shown beside the others.
OTHER = "other"
SOURCE_MOST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody gives as evidence: words, a file, who said it, and whether it was forwarded."""

    text: str = ""
    source: str = ""
    file: StoredFile | None = None
    forwarded: bool = False


def requirements(dossier: Dossier) -> tuple[Requirement, ...]:
    """What of the present stage is proved by evidence that somebody gives."""
    return tuple(each for each in dossier.stage.evidence if each.source is Source.GIVEN)


def requirement_named(dossier: Dossier, said: str, language: Language) -> Requirement | None:
    """The requirement by its code or by its words in any language; None for "other". Raises `NotFound` for no such."""
    if fold(said) in {fold(each) for each in catalogue().listed("evidence.other_words")}:
        return None
    asked = requirements(dossier)
    found = named(asked, said.casefold())
    own = next((each for each in asked if each.text and fold(each.text) == fold(said)), None)
    called = catalogue().meant(said, {each.code: f"need.{each.code}" for each in asked if not each.text})
    if hit := found or own or (named(asked, called) if called else None):
        return hit
    if not asked:
        raise NotFound("evidence.none_asked", said=said[:40])
    known = catalogue().say(listed([need_words(each) for each in asked]), language)
    raise NotFound("evidence.no_such", said=said[:40], what=known)


def kind_of(dossier: Dossier, given: Given) -> EvidenceKind:
    """What the evidence is made of; a named contact makes words a quote."""
    if given.file:
        return EvidenceKind.PHOTO if given.file.kind is FileKind.PHOTO else EvidenceKind.DOCUMENT
    if given.forwarded:
        return EvidenceKind.FORWARDED
    if LINK.search(given.text):
        return EvidenceKind.LINK
    return EvidenceKind.QUOTE if contact_of(dossier, given.source) else EvidenceKind.TEXT


def contact_of(dossier: Dossier, source: str) -> ContactId | None:
    """The person on the customer's side who is meant by `source`."""
    wanted = fold(source) if source else ""
    return next((each.contact_id for each in dossier.buyers if wanted and fold(each.name) == wanted), None)


def prove(turn: Turn, dossier: Dossier, requirement: Requirement | None, given: Given) -> Evidence:
    """Keeps evidence for a requirement of the present milestone; what was given for it before is superseded."""
    must_be_active(dossier.deal)
    source = given.source or (given.file.forwarded_from if given.file else "")
    made = Evidence(
        id=EvidenceId(0),
        deal_id=dossier.deal.id,
        milestone=dossier.deal.milestone,
        code=requirement.code if requirement else OTHER,
        kind=kind_of(dossier, given),
        given_on=turn.today,
        given_by=turn.me.id,
        text=given.text,
        contact_id=contact_of(dossier, source),
        source=source[:SOURCE_MOST],
        file_id=FileId(given.file.id) if given.file else None,
    )
    turn.store.add_evidence(made)
    return made


def unproven(dossier: Dossier, turn: Turn) -> tuple[Requirement, ...]:
    """The requirements that no fresh evidence proves yet."""
    found = []
    for each in requirements(dossier):
        proof = proof_of(each, dossier, dossier.deal.milestone)
        if proof is None or not is_fresh(proof.given_on, turn.today):
            found.append(each)
    return tuple(found)
