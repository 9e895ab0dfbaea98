"""The one door: an inbound becomes a card inside one transaction; refusals and bugs become cards too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.clock import Clock
from bot.inbound import Inbound, Pressed, Said, Unread
from domain.people import Language
from domain.ports import Change, ChangeId, Delivered, Delivery, Known, Letter, Urgency, Work
from domain.refusals import NotAllowed, NotFound, NotNow, Refusal
from domain.schedule import local_time
from handlers.answer import answer, command_of, question_of, refused
from handlers.doorstep import Doorstep, greet
from handlers.letters import TOKEN_BITS, answer_letter
from handlers.pieces.ways import home
from handlers.registry import registry
from handlers.turn import Codes, Turn, touch_day
from handlers.view import Button, Card, Line, card, encode, t

REFERENCE_BITS = 30

# A deep link that carries an invitation, where the platform has them.
Links = Callable[[str, str], str | None]


class Gateway:
    """Opens the turn, hands it to the handlers, writes the answer and what follows from it."""

    def __init__(self, clock: Clock, codes: Codes, links: Links) -> None:
        self._clock = clock
        self._codes = codes
        self._links = links

    def reference(self) -> str:
        """A short code that a person can read out, for the log line of a bug."""
        return self._codes(REFERENCE_BITS)

    def handle(self, work: Work, delivered: Delivered, inbound: Inbound) -> tuple[Letter, ...]:
        """Answers one delivery. Raises `Refusal`; then nothing of the turn is kept and `refuse` answers."""
        known = work.people.who(inbound.at, inbound.person.account)
        if known is None:
            return self._stranger(work, delivered, inbound)
        if not known.alive and inbound.private:
            # Who had blocked us and speaks again is there for pushes again.
            work.people.bind(inbound.at, inbound.person.account, known.org.id, known.member.id)
        turn = self._turn(work, delivered, inbound, known)
        match inbound:
            case Said(text=text):
                shown, edits = answer(turn, text), None
            case Pressed():
                shown, edits = self._press(work, turn, inbound)
            case Unread(what=what):
                shown, edits = card(t("answer.cannot_read_yet", what=t(f"what.{what}"))), None
        if turn.store.changed:
            touch_day(turn.store, turn.me.id, turn.today)
        for event in turn.happened:
            for react in registry().reactions.get(type(event), ()):
                react(turn, event)
        return self._say(work, delivered, _back(inbound, answer_letter(turn, shown, edits=edits)))

    def refuse(
        self, work: Work, delivered: Delivered, inbound: Inbound, refusal: Refusal
    ) -> tuple[Letter, ...]:
        """Tells the person what can be put right; it takes the same way out as an answer."""
        known = work.people.who(inbound.at, inbound.person.account)
        said = inbound.text if isinstance(inbound, Said) else ""
        draft = known.draft if known and not said.startswith("/") else None
        question = question_of(draft) if said and draft and not draft.suspended else None
        shown = refused(refusal, command_of(said) if said and not question else None)
        if question:
            shown = shown.plus(Line(question), rows=((Button(t("button.cancel"), "/cancel"),),))
        if isinstance(inbound, Pressed):
            shown = shown.plus(rows=((home(known.member),),)) if known else shown
        language = known.member.language if known else self._language(work, inbound)
        return self._say(work, delivered, self._plain(delivered, inbound, shown, language, known))

    def ignore(self, work: Work, delivered: Delivered) -> tuple[Letter, ...]:
        """A delivery that asks for no answer."""
        work.inbox.done(delivered.id)
        return ()

    def stumble(
        self, work: Work, delivered: Delivered, reference: str, inbound: Inbound | None = None
    ) -> tuple[Letter, ...]:
        """A bug: the row is set aside under its reference and the person, if known, is told it."""
        work.inbox.failed(delivered.id, reference, quarantine=True)
        if inbound is None:
            return ()
        known = work.people.who(inbound.at, inbound.person.account)
        language = known.member.language if known else self._language(work, inbound)
        shown = card(t("answer.stumbled", reference=reference))
        letter = self._plain(delivered, inbound, shown, language, known)
        work.outbox.write(letter)
        return (letter,)

    def _say(self, work: Work, delivered: Delivered, letter: Letter) -> tuple[Letter, ...]:
        work.outbox.write(letter)
        work.inbox.done(delivered.id)
        return (letter,)

    def _turn(self, work: Work, delivered: Delivered, inbound: Inbound, known: Known) -> Turn:
        said_at = min(inbound.said_at, delivered.received_at)
        change = Change(id=ChangeId(delivered.id), actor_id=known.member.id, said_at=said_at, command="")
        return Turn(
            me=known.member,
            org=known.org,
            team=known.team,
            # In a room the answer goes to the person's own chat.
            at=inbound.at if inbound.private else known.home,
            private=inbound.private,
            now=self._clock.now(),
            said_at=said_at,
            event=delivered.id,
            store=work.store(known.org.id, change),
            codes=self._codes,
            draft=known.draft,
            pressed=inbound.message if isinstance(inbound, Pressed) else None,
            link=lambda code: self._links(inbound.at.platform, code),
        )

    def _press(self, work: Work, turn: Turn, pressed: Pressed) -> tuple[Card, str | None]:
        """The command of a button, after whose it is, where and until when were checked."""
        token, _, index = pressed.token.partition(".")
        button = work.outbox.pressed(token, int(index)) if index.isdecimal() else None
        if button is None or button.to != pressed.at or button.org_id != turn.org.id:
            raise NotFound("press.unknown")
        if button.member_id is not None and button.member_id != turn.me.id:
            raise NotAllowed("press.not_yours", name=turn.store.member(button.member_id).name)
        if button.used_at:
            raise NotNow("press.done", at=_wall(button.used_at, turn.me.zone))
        if button.expires_at < turn.now:
            raise NotNow("press.expired")
        shown = answer(turn, button.command)
        if turn.store.changed:
            work.outbox.use(token, int(index), turn.now)
        # A card with a key lives on and is edited by itself; any other becomes what its button did.
        return shown, None if button.card_key else pressed.message

    def _stranger(self, work: Work, delivered: Delivered, inbound: Inbound) -> tuple[Letter, ...]:
        """Somebody not yet known may only come in: with an invitation or the owner code."""
        chosen, draft = work.people.doorstep(inbound.at)
        language = chosen or inbound.person.language or Language.EN
        step = Doorstep(
            people=work.people,
            store=work.store,
            at=inbound.at,
            account=inbound.person.account,
            name=inbound.person.name,
            zone=inbound.person.zone,
            language=language,
            now=self._clock.now(),
            event=delivered.id,
            draft=draft,
            codes=self._codes,
            write=work.outbox.write,
        )
        if isinstance(inbound, Pressed):
            token, _, index = inbound.token.partition(".")
            button = work.outbox.pressed(token, int(index)) if index.isdecimal() else None
            said = (
                button.command if button and button.to == inbound.at and button.org_id is None else "/start"
            )
        else:
            said = inbound.text if isinstance(inbound, Said) else "/start"
        if not inbound.private:
            return self.ignore(work, delivered)
        shown, language = greet(step, said)
        known = work.people.who(inbound.at, inbound.person.account)
        return self._say(work, delivered, self._plain(delivered, inbound, shown, language, known))

    def _language(self, work: Work, inbound: Inbound) -> Language:
        chosen, _ = work.people.doorstep(inbound.at)
        return chosen or inbound.person.language or Language.EN

    def _plain(
        self, delivered: Delivered, inbound: Inbound, shown: Card, language: Language, known: Known | None
    ) -> Letter:
        letter = Letter(
            key=f"event:{delivered.id}",
            to=known.home if known and not inbound.private else inbound.at,
            card=encode(shown),
            language=language,
            due_at=self._clock.now(),
            urgency=Urgency.ANSWER,
            delivery=Delivery.POST if inbound.private else Delivery.PRIVATE,
            token=self._codes(TOKEN_BITS) if shown.rows else None,
            commands=shown.commands,
            member_id=known.member.id if known else None,
            org_id=known.org.id if known else None,
            reply_to=inbound.person.account if not inbound.private else None,
        )
        return _back(inbound, letter)


def _back(inbound: Inbound, letter: Letter) -> Letter:
    """The answer shown in the room it was asked in, to the speaker alone, where the platform can do so."""
    if inbound.reply_to is None or letter.delivery is Delivery.EDIT:
        return letter
    return replace(letter, delivery=Delivery.PRIVATE, reply_to=inbound.reply_to)


def _wall(moment: datetime, zone: str) -> str:
    return local_time(moment, zone).strftime("%H:%M")
