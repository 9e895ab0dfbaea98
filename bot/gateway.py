"""The one door: an inbound becomes a card inside one transaction; refusals and bugs become cards too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.clock import Clock
from bot.inbound import (
    HOME_MESSAGE,
    Attached,
    ChatChange,
    Edited,
    Inbound,
    Membership,
    Opened,
    Personal,
    Pressed,
    Said,
    Submitted,
    Unread,
)
from domain.files import FileKind, KeptFile
from domain.people import Language
from domain.ports import (
    Address,
    Change,
    ChangeId,
    Delivered,
    Delivery,
    Known,
    Letter,
    PressedButton,
    Urgency,
    Work,
)
from domain.refusals import NotAllowed, NotFound, NotNow, Refusal
from domain.schedule import local_time
from handlers.alerting import note_answers
from handlers.answer import answer, command_of, filled, question_of, refused
from handlers.approving import follow
from handlers.attached import attached, forwarded, unread
from handlers.clockwork import wind
from handlers.correcting import follow_disputes, follow_facts
from handlers.doorstep import Doorstep, greet
from handlers.editing import edited
from handlers.gone import note_gone
from handlers.letters import TOKEN_BITS, answer_letter
from handlers.pieces.home import home_card
from handlers.pieces.ways import home
from handlers.quarantining import tell_admins
from handlers.registry import registry
from handlers.resulting import follow_deals
from handlers.rollups import roll
from handlers.turn import Codes, Turn, acts_in_place, touch_day
from handlers.view import Button, Card, Line, Text, card, encode, t
from handlers.words import catalogue

REFERENCE_BITS = 30
MOST_DIGITS = 6

# A deep link that carries an invitation, where the platform has them.
Links = Callable[[str, str], str | None]
# The bytes of a file by its name in the store of files.
Contents = Callable[[str], bytes]


class Gateway:
    """Opens the turn, hands it to the handlers, writes the answer and what follows from it."""

    def __init__(self, clock: Clock, codes: Codes, links: Links, contents: Contents) -> None:
        self._clock = clock
        self._contents = contents
        self._codes = codes
        self._links = links

    def reference(self) -> str:
        """A short code that a person can read out, for the log line of a bug."""
        return self._codes(REFERENCE_BITS)

    def handle(
        self, work: Work, delivered: Delivered, inbound: Inbound, kept: Sequence[KeptFile] = ()
    ) -> tuple[Letter, ...]:
        """Answers one delivery. Raises `Refusal`; then nothing of the turn is kept and `refuse` answers.

        `kept` are the files of one that brings some.
        """
        if isinstance(inbound, Membership):
            return self._membership(work, delivered, inbound)
        known = work.people.who(inbound.at, inbound.person.account)
        if known is None:
            return self._stranger(work, delivered, inbound)
        if not known.alive and inbound.private and not isinstance(inbound, Opened):
            # Who had blocked us and speaks again is there for pushes again.
            work.people.bind(inbound.at, inbound.person.account, known.org.id, known.member.id)
            known = replace(known, home=inbound.at, alive=True)
        turn = self._turn(work, delivered, inbound, known)
        match inbound:
            case Said(text=text, forwarded_from=None):
                shown, edits = answer(turn, text), None
            case Said(text=text, forwarded_from=str(said_by)):
                shown, edits = forwarded(turn, text, said_by), None
            case Attached():
                shown, edits = self._attach(turn, inbound, kept), None
            case Pressed():
                shown, edits = self._press(work, turn, inbound)
            case Edited(text=text, written_at=written_at):
                shown, edits = edited(turn, text, written_at), None
            case Submitted():
                shown, edits = self._submit(work, turn, inbound), inbound.message
            case Opened():
                return self._open(work, delivered, turn, inbound)
            case Unread(what=what):
                shown, edits = unread(what), None
        if known.member.heard_on != turn.today:
            turn.store.revise_member(turn.me.id, heard_on=turn.today)
        if turn.store.changed:
            touch_day(turn.store, turn.me.id, turn.today)
        follow(turn)
        follow_deals(turn)
        roll(turn)
        follow_disputes(turn)
        follow_facts(turn)
        for deal in sorted(turn.store.touched_deals()):
            wind(turn.store, turn.org, deal, turn.now)
        note_answers(turn)
        for event in turn.happened:
            for react in registry().reactions.get(type(event), ()):
                react(turn, event)
        # No platform puts a file into a message that had none.
        edits = None if shown.attachments else edits
        letter = _back(inbound, answer_letter(turn, shown, edits=edits))
        trigger = inbound.trigger if isinstance(inbound, Said | Pressed) else None
        if shown.form and trigger:
            # Who closes a form has left its question too: only words asked for in the chat are waited for there.
            turn.store.keep_draft(turn.me.id, turn.at.chat, turn.draft)
            letter = replace(letter, delivery=Delivery.FORM, form_trigger=trigger, edits=None)
        return self._say(work, delivered, letter)

    def field_errors(self, work: Work, inbound: Submitted, refusal: Refusal) -> Mapping[str, str]:
        """What is wrong with a form that is still open, by part; "" where it is about no part of it."""
        known = work.people.who(inbound.at, inbound.person.account)
        language = known.member.language if known else self._language(work, inbound)
        return {refusal.part or "": catalogue().say(t(refusal.key, **refusal.values), language)}

    def refuse(
        self, work: Work, delivered: Delivered, inbound: Personal, refusal: Refusal
    ) -> tuple[Letter, ...]:
        """Tells the person what can be put right; it takes the same way out as an answer."""
        known = work.people.who(inbound.at, inbound.person.account)
        said = inbound.text if isinstance(inbound, Said) and inbound.forwarded_from is None else ""
        draft = known.draft if known and not said.startswith("/") else None
        answers = bool(said) or isinstance(inbound, Said | Attached)
        question = question_of(draft) if answers and draft and not draft.suspended else None
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
        self, work: Work, delivered: Delivered, reference: str, inbound: Inbound | None, error: Exception
    ) -> tuple[Letter, ...]:
        """A bug: the row is set aside under its reference; the person, if known, and their admins are told it."""
        known = self._speaker(work, delivered, inbound)
        org = known.org.id if known else None
        work.inbox.failed(delivered.id, reference, quarantine=True, org=org, fault=_fault(error))
        if known:
            tell_admins(work.store(known.org.id), known, reference, self._clock.now())
        if inbound is None or isinstance(inbound, Membership):
            return ()
        language = known.member.language if known else self._language(work, inbound)
        shown = card(t("answer.stumbled", reference=reference))
        letter = self._plain(delivered, inbound, shown, language, known)
        work.outbox.write(letter)
        return (letter,)

    def set_aside(
        self, work: Work, delivered: Delivered, reference: str, error: Exception
    ) -> tuple[Letter, ...]:
        """The row alone, where not even telling anybody works."""
        work.inbox.failed(delivered.id, reference, quarantine=True, fault=_fault(error))
        return ()

    def _speaker(self, work: Work, delivered: Delivered, inbound: Inbound | None) -> Known | None:
        """Who said it; of what could not be read, whose account its lane is."""
        if inbound is not None and not isinstance(inbound, Membership):
            return work.people.who(inbound.at, inbound.person.account)
        account = delivered.lane.rpartition(":")[2]
        return work.people.who(Address(platform=delivered.platform, chat=account), account)

    def _say(self, work: Work, delivered: Delivered, letter: Letter) -> tuple[Letter, ...]:
        work.outbox.write(letter)
        work.inbox.done(delivered.id)
        return (letter,)

    def _turn(self, work: Work, delivered: Delivered, inbound: Personal, known: Known) -> Turn:
        said_at = min(inbound.said_at, delivered.received_at)
        source = _source(inbound)
        change = Change(
            id=ChangeId(delivered.id), actor_id=known.member.id, said_at=said_at, command="", source=source
        )
        return Turn(
            me=known.member,
            org=known.org,
            team=known.team,
            at=_answered_at(inbound, known),
            private=inbound.private,
            now=self._clock.now(),
            said_at=said_at,
            event=delivered.id,
            store=work.store(known.org.id, change),
            codes=self._codes,
            draft=known.draft,
            pressed=inbound.message if isinstance(inbound, Pressed) else None,
            room=inbound.room,
            source=source,
            link=lambda code: self._links(inbound.at.platform, code),
            link_on=self._links,
            content=lambda file: self._contents(file.kept_as),
            room_owner=lambda: work.people.owner_of_room(inbound.room) if inbound.room else None,
        )

    def _attach(self, turn: Turn, inbound: Attached, kept: Sequence[KeptFile]) -> Card:
        if not kept:
            # Nothing was fetched: nobody takes any.
            return unread("photo" if inbound.files[0].kind is FileKind.PHOTO else "file")
        return attached(turn, kept, inbound.caption, inbound.forwarded_from)

    def _press(self, work: Work, turn: Turn, pressed: Pressed) -> tuple[Card, str | None]:
        """The command of a button, after whose it is, where and until when were checked."""
        button = _stood_for(work, turn, pressed.token, pressed.card_at or pressed.at)
        shown = answer(turn, button.command)
        if turn.store.changed:
            work.outbox.use(*_parts(pressed.token), turn.now)
        if button.card_key and (push := AWAITED.get(button.card_key.partition(":")[0])):
            turn.store.answered(turn.me.id, push)
        asks_less = button.command.startswith(ASKS_LESS)
        if button.kind and not asks_less:
            turn.store.heed(turn.me.id, button.kind, turn.now)
        # A card that lives on is edited by itself; any other becomes what its button did, and any shows why it came.
        in_place = asks_less or acts_in_place(button.card_key)
        return shown, pressed.message if in_place and button.command not in STANDS_APART else None

    def _submit(self, work: Work, turn: Turn, submitted: Submitted) -> Card:
        """A form is the command of its card with the parts filled in; once it did something it is done."""
        button = _stood_for(work, turn, submitted.token, turn.at)
        shown = filled(turn, button.command, submitted.values)
        if turn.store.changed:
            work.outbox.use(*_parts(submitted.token), turn.now)
        return shown

    def _open(self, work: Work, delivered: Delivered, turn: Turn, opened: Opened) -> tuple[Letter, ...]:
        """The home as it is now; from then on it is edited like any card that lives on."""
        shown = home_card(turn.store, turn.org, turn.me, turn.now)
        letter = replace(answer_letter(turn, shown), to=opened.at, delivery=Delivery.EDIT, edits=HOME_MESSAGE)
        return self._say(work, delivered, letter)

    def _membership(self, work: Work, delivered: Delivered, change: Membership) -> tuple[Letter, ...]:
        """A chat went, came back or moved; a command of nobody's is told why it is refused."""
        match change.what:
            case ChatChange.MOVED if change.to:
                work.people.move_chat(change.at, change.to)
            case ChatChange.GONE:
                note_gone(work, change.at, self._clock.now(), self._codes)
            case ChatChange.BACK:
                work.people.revive(change.at)
            case ChatChange.JOINED:
                return self._say(work, delivered, self._to_room(work, delivered, change, t("room.joined")))
            case ChatChange.NOBODY:
                return self._say(work, delivered, self._to_room(work, delivered, change, t("room.nobody")))
        return self.ignore(work, delivered)

    def _to_room(self, work: Work, delivered: Delivered, change: Membership, said: Text) -> Letter:
        """The room is told, in its organisation's language: there is nobody to tell alone."""
        owner = work.people.owner_of_room(change.at)
        language = work.store(owner).organisation().language if owner else change.language or Language.EN
        return Letter(
            key=f"event:{delivered.id}",
            to=change.at,
            card=encode(card(said)),
            language=language,
            due_at=self._clock.now(),
            org_id=owner,
        )

    def _stranger(self, work: Work, delivered: Delivered, inbound: Personal) -> tuple[Letter, ...]:
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
        if not inbound.private and inbound.reply_to is None:
            return self.ignore(work, delivered)
        said = "/start"
        if isinstance(inbound, Pressed):
            button = work.outbox.pressed(*_parts(inbound.token))
            if button and button.to == (inbound.card_at or inbound.at) and button.org_id is None:
                said = button.command
        elif isinstance(inbound, Said) and inbound.private and inbound.forwarded_from is None:
            # A code is nothing to be said in a room.
            said = inbound.text
        shown, language = greet(step, said)
        known = work.people.who(inbound.at, inbound.person.account)
        return self._say(work, delivered, self._plain(delivered, inbound, shown, language, known))

    def _language(self, work: Work, inbound: Personal) -> Language:
        chosen, _ = work.people.doorstep(inbound.at)
        return chosen or inbound.person.language or Language.EN

    def _plain(
        self, delivered: Delivered, inbound: Personal, shown: Card, language: Language, known: Known | None
    ) -> Letter:
        letter = Letter(
            key=f"event:{delivered.id}",
            to=_answered_at(inbound, known) if known else inbound.at,
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


def _fault(error: Exception) -> str:
    """The kind of an error, and of what it came from: never its words, which may quote what people said."""
    cause = error.__cause__
    return f"{type(error).__name__} from {type(cause).__name__}" if cause else type(error).__name__


# The push whose card a living card is: acting on the card answers the push.
AWAITED = {"close": "nudge"}
# What is worked through beside the card of the day, which is edited meanwhile.
STANDS_APART = ("/today more",)
# What stands under the dots of a push: it is no answer to what the push says.
ASKS_LESS = ("/why ", "/snooze ", "/mute ")


def _answered_at(inbound: Personal, known: Known) -> Address:
    """The person's own chat, wherever they speak: what looks private may be a chat that we cannot write to.

    A home is its own place.
    """
    return inbound.at if isinstance(inbound, Opened) else known.home


def _stood_for(work: Work, turn: Turn, token: str, at: Address) -> PressedButton:
    """What a token stands for, after whose it is, where and until when were checked."""
    number, index = _parts(token)
    button = work.outbox.pressed(number, index)
    if button is None or button.to != at or button.org_id != turn.org.id:
        raise NotFound("press.unknown")
    if button.member_id is not None and button.member_id != turn.me.id:
        raise NotAllowed("press.not_yours", name=turn.store.member(button.member_id).name)
    if button.used_at:
        raise NotNow("press.done", at=_wall(button.used_at, turn.me.zone))
    if button.expires_at < turn.now:
        raise NotNow("press.expired")
    return button


def _parts(token: str) -> tuple[str, int]:
    """The row and the index in it; no row has the index of a token that is not one."""
    number, _, index = token.partition(".")
    return number, int(index) if index.isdecimal() and len(index) < MOST_DIGITS else -1


def _source(inbound: Personal) -> str | None:
    """The name of the message that was said, for when it is edited."""
    message = inbound.message if isinstance(inbound, Said | Attached | Edited) else None
    place = inbound.room or inbound.at
    return f"{place.platform}:{place.chat}:{message}" if message else None


def _back(inbound: Personal, letter: Letter) -> Letter:
    """The answer shown in the room it was asked in, to the speaker alone, where the platform can do so."""
    if inbound.reply_to is None or letter.delivery is Delivery.EDIT:
        return letter
    return replace(letter, delivery=Delivery.PRIVATE, reply_to=inbound.reply_to)


def _wall(moment: datetime, zone: str) -> str:
    return local_time(moment, zone).strftime("%H:%M")
