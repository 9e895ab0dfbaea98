"""The guided first minute: what a pane suggests to try, and by which sign each thing counts as tried (product 2.4)."""

from dataclasses import dataclass, field
from enum import StrEnum


class Does(StrEnum):
    """What the button of a task does for the visitor."""

    SAY = "say"
    EXAMPLE = "example"
    FILL = "fill"
    MOVE = "move"
    LEND = "lend"


class Sign(StrEnum):
    """By what the bot did a task is known to be done; nobody ticks it by hand."""

    ANSWERED = "answered"
    RECORDED = "recorded"
    MOVED = "moved"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to try; `of` is the command it is about."""

    name: str
    does: Does
    sign: Sign
    of: str = ""


# The tasks of a role, in order; the words of each are `playground.guide.ROLE_NAME`, its button's `..._do`.
GUIDES = {
    "rep": (
        Task(name="hello", does=Does.SAY, sign=Sign.ANSWERED, of="start"),
        Task(name="customer", does=Does.SAY, sign=Sign.ANSWERED, of="visit"),
        Task(name="visit", does=Does.FILL, sign=Sign.RECORDED, of="visit"),
        Task(name="card", does=Does.SAY, sign=Sign.ANSWERED, of="today"),
        # The visit is to a customer of the manager's, who is told of it.
        Task(name="seen", does=Does.LEND, sign=Sign.TOLD, of="visit"),
    ),
    "manager": (
        Task(name="push", does=Does.MOVE, sign=Sign.MOVED),
        Task(name="came", does=Does.LEND, sign=Sign.TOLD, of="visit"),
        Task(name="invite", does=Does.EXAMPLE, sign=Sign.ANSWERED, of="invite"),
    ),
}


@dataclass(slots=True)
class Guide:
    """How far the visitor came in each pane."""

    tasks: dict[str, tuple[Task, ...]]
    _done: set[tuple[str, str]] = field(default_factory=set)

    def done(self) -> dict[str, list[str]]:
        """The names of the tasks done, per chat."""
        return {
            chat: [task.name for task in tasks if (chat, task.name) in self._done]
            for chat, tasks in self.tasks.items()
        }

    def saw(self, sign: Sign, chats: frozenset[str], of: str = "") -> bool:
        """Notes a sign seen in the chats; whether that finished a task."""
        found = {
            (chat, task.name)
            for chat in chats & self.tasks.keys()
            for task in self.tasks[chat]
            if task.sign is sign and (sign is not Sign.ANSWERED or task.of == of)
        }
        news = found - self._done
        self._done |= news
        return bool(news)

    def awaits(self, sign: Sign, chat: str) -> bool:
        """Whether a task of the chat still waits for the sign."""
        return any(
            task.sign is sign and (chat, task.name) not in self._done for task in self.tasks.get(chat, ())
        )
