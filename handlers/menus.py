"""Menus: which commands a platform offers to whom before a word is typed, and the letters that set a person's own."""

from collections.abc import Sequence

from domain.people import Member
from domain.ports import Delivery, Letter, Urgency
from handlers.letters import Teller
from handlers.registry import MENU_MOST, Command, offered, registry
from handlers.view import Button, card, encode, t

# Somebody not yet known may come in, nothing else.
STRANGERS = ("start", "help", "language")
# In a group: what is done on the way between two customers. The answer comes in private.
IN_ROOMS = ("today", "visit", "call", "msg", "report", "week", "help")
FOR_ROOM_ADMINS = ("room", *IN_ROOMS)


def of_strangers() -> tuple[Command, ...]:
    """What somebody sees who is not a member."""
    return _known(STRANGERS)


def in_rooms() -> tuple[Command, ...]:
    """What everybody sees in a group."""
    return _known(IN_ROOMS)


def for_room_admins() -> tuple[Command, ...]:
    """What whoever runs a group sees there."""
    return _known(FOR_ROOM_ADMINS)


def of_member(member: Member) -> tuple[Command, ...]:
    """What a member sees in their own chat: the first of what their roles allow."""
    return offered(member)[:MENU_MOST]


def set_menu(by: Teller, member: Member) -> None:
    """The member's own menu, wherever they can be reached: when they joined, or role or language changed."""
    _write(by, member, of_member(member))


def clear_menu(by: Teller, member: Member, platform: str | None = None) -> None:
    """Who leaves, or one platform, sees what a stranger sees; to be called while the accounts are still bound."""
    _write(by, member, (), platform)


def _write(by: Teller, member: Member, commands: Sequence[Command], platform: str | None = None) -> None:
    rows = tuple((Button(t(f"{each.name}.command.summary"), f"/{each.name}"),) for each in commands)
    for address in by.store.address_of(member.id):
        if platform not in (None, address.platform):
            continue
        by.store.write(
            Letter(
                # Nobody's letter: the one that takes a menu away outlives the membership.
                key=f"menu:{by.event or by.now.isoformat()}:{address.platform}:{address.chat}",
                to=address,
                card=encode(card(rows=rows)),
                language=member.language,
                due_at=by.now,
                urgency=Urgency.EDIT,
                delivery=Delivery.MENU,
                org_id=by.org,
            )
        )


def _known(names: Sequence[str]) -> tuple[Command, ...]:
    commands = registry().commands
    return tuple(commands[name] for name in names if name in commands)
