"""The columns of the page: whose chats they are, what each offers to try and to type."""

from dataclasses import dataclass

from bot.demo import PANES, Story
from bot.web.adapter import ROOM
from bot.web.guide import GUIDES, Task
from domain.people import Role

CHIPS = {
    "rep": ("today", "visit", "deals", "report", "help"),
    "manager": ("approve", "stalled", "deals", "members", "help"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One column of the page; the room has no name of its own and nobody writes there yet."""

    chat: str
    role: str
    what: str
    name: str = ""
    initials: str = ""
    writes: bool = True
    tasks: tuple[Task, ...] = ()
    chips: tuple[str, ...] = ()


def panes_of(story: Story) -> tuple[Pane, ...]:
    """The columns of the page, left to right."""
    people = {each.handle: each for each in story.people}
    made = []
    for handle in PANES:
        person = people[handle]
        role = "manager" if Role.MANAGER in person.roles else "rep"
        made.append(
            Pane(
                chat=handle,
                role=role,
                what=role,
                name=person.name,
                initials=initials(person.name),
                tasks=GUIDES[role],
                chips=CHIPS[role],
            )
        )
    return (*made, Pane(chat=ROOM, role="room", what="room_what", initials="#", writes=False))


def initials(name: str) -> str:
    """`AL` for Ann Lee; a Chinese name's first sign."""
    words = name.split()
    return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else name[:1]
