"""The usual stack: a python-telegram-bot handler with the SQLAlchemy ORM on aiosqlite, doing the same visit."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKey, create_engine, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CommandHandler, ContextTypes
from telegram.request import BaseRequest, RequestData

from tests.bench.floor import PRAGMAS
from tests.bench.world import (
    CUSTOMERS_EACH,
    NOW,
    RECORDS_BEFORE,
    RECORDS_THIS_WEEK,
    Command,
    Size,
    account,
    contact_name,
    customer_name,
)

TARGET = 10
ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "dealpace_bot"}


class Base(DeclarativeBase):
    """The tables of the usual stack."""


class Person(Base):
    """A rep."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]


class Customer(Base):
    """A customer with the people there."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(index=True)
    contacts: Mapped[list["Contact"]] = relationship()


class Contact(Base):
    """Somebody at a customer."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str]


class Visit(Base):
    """A visit; the update that reported it is unique."""

    __tablename__ = "visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    on_date: Mapped[date] = mapped_column(index=True)
    result: Mapped[str]


class Step(Base):
    """What was promised."""

    __tablename__ = "step"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    text: Mapped[str]
    due_on: Mapped[date]


class Stub(BaseRequest):
    """A request that is answered at once: nothing leaves the process."""

    sent = 0

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    @property
    def read_timeout(self) -> float | None:
        return None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        if url.endswith("/getMe"):
            return 200, json.dumps({"ok": True, "result": ME}).encode()
        chat = request_data.parameters["chat_id"] if request_data else 0
        if request_data:
            # The real request encodes the body too.
            json.dumps(request_data.json_parameters)
        self.sent += 1
        message = {
            "message_id": self.sent,
            "date": int(NOW.timestamp()),
            "chat": {"id": chat, "type": "private", "first_name": "Rep"},
            "text": "ok",
        }
        return 200, json.dumps({"ok": True, "result": message}).encode()


class Usual:
    """The bot as it is usually written."""

    def __init__(self, path: Path, size: Size) -> None:
        _fill(path, size)
        self.path = path
        # As usually set up, but for the pragmas, which are the product's, and patience with a locked database.
        self._engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": 60})

        @event.listens_for(self._engine.sync_engine, "connect")
        def _prepare(raw: Any, _record: Any) -> None:
            cursor = raw.cursor()
            for pragma in PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._stub = Stub()
        bot: Any = Bot("1:bench", request=self._stub, get_updates_request=Stub())
        self._application: Any = Application.builder().bot(bot).updater(None).build()
        self._application.add_handler(CommandHandler("visit", self._visit))

    async def start(self) -> None:
        await self._application.initialize()

    async def stop(self) -> None:
        await self._application.shutdown()
        await self._engine.dispose()

    @property
    def replies(self) -> int:
        return self._stub.sent

    async def say(self, command: Command) -> None:
        """One command from its raw JSON to the reply's body."""
        update = Update.de_json(json.loads(command.body), self._application.bot)
        await self._application.process_update(update)

    async def sequential(self, commands: Sequence[Command]) -> float:
        start = time.perf_counter()
        for command in commands:
            await self.say(command)
        return time.perf_counter() - start

    async def at_once(self, commands: Sequence[Command], chats: int) -> float:
        line = iter(commands)
        start = time.perf_counter()
        await asyncio.gather(*(self._chat(line) for _ in range(chats)))
        return time.perf_counter() - start

    async def _chat(self, line: Iterator[Command]) -> None:
        for command in line:
            await self.say(command)

    async def _visit(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        chat = update.effective_chat
        if message is None or chat is None or message.text is None:
            return
        name, parts = _parts(message.text)
        async with self._sessions() as session:
            text, buttons = await _record(session, update.update_id, str(chat.id), name, parts)
        await message.reply_html(text, reply_markup=buttons)


def _parts(text: str) -> tuple[str, dict[str, str]]:
    first, *rest = text.splitlines()
    parts = dict(line.split(": ", 1) for line in rest)
    return first.removeprefix("/visit").strip(), parts


async def _record(
    session: AsyncSession, update: int, chat: str, name: str, parts: dict[str, str]
) -> tuple[str, InlineKeyboardMarkup]:
    today = NOW.date()
    monday = today - timedelta(days=today.weekday())
    person = (await session.scalars(select(Person).where(Person.chat == chat))).one()
    if person.role != "rep":
        raise PermissionError(person.role)
    customer = (
        await session.scalars(
            select(Customer)
            .where(Customer.owner_id == person.id, Customer.name == name)
            .options(selectinload(Customer.contacts))
        )
    ).one()
    contact = next((each for each in customer.contacts if each.name == parts["met"]), None)
    visit = Visit(
        update_id=update,
        person_id=person.id,
        customer_id=customer.id,
        contact_id=contact.id if contact else None,
        on_date=today,
        result=parts["result"],
    )
    session.add(visit)
    await session.flush()
    due = today + timedelta(days=4 - today.weekday())
    session.add(Step(visit_id=visit.id, text=parts["next"], due_on=due))
    week = await session.scalar(
        select(func.count()).select_from(Visit).where(Visit.person_id == person.id, Visit.on_date >= monday)
    )
    day = await session.scalar(
        select(func.count()).select_from(Visit).where(Visit.person_id == person.id, Visit.on_date == today)
    )
    await session.commit()
    text = (
        f"<b>{customer.name}</b>: {parts['met']}\nResult: {visit.result}\nNext: {parts['next']}\n"
        f"Visits today {day}, this week {week}/{TARGET}"
    )
    button = InlineKeyboardButton("Undo", callback_data=f"undo {visit.id}")
    return text, InlineKeyboardMarkup([[button]])


def _fill(path: Path, size: Size) -> None:
    """The same people, customers and history as the product's world."""
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    people: list[dict[str, Any]] = []
    customers: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    monday = NOW.date() - timedelta(days=NOW.weekday())
    for org in range(size.organisations):
        for rep in range(size.reps_each):
            person = org * size.reps_each + rep + 1
            people.append({"id": person, "chat": account(org, rep), "name": f"Rep {rep}", "role": "rep"})
            for number in range(CUSTOMERS_EACH):
                customer = (person - 1) * CUSTOMERS_EACH + number + 1
                customers.append({"id": customer, "owner_id": person, "name": customer_name(rep, number)})
                contacts.append({"id": customer, "customer_id": customer, "name": contact_name(rep, number)})
            for age in range(RECORDS_BEFORE + RECORDS_THIS_WEEK):
                customer = (person - 1) * CUSTOMERS_EACH + age % CUSTOMERS_EACH + 1
                records.append(
                    {
                        "update_id": len(records),
                        "person_id": person,
                        "customer_id": customer,
                        "contact_id": customer,
                        "on_date": monday
                        if age >= RECORDS_BEFORE
                        else monday - timedelta(days=3 + 7 * (age // 4)),
                        "result": "went through the offer",
                    }
                )
    with engine.begin() as connection:
        for table, rows in ((Person, people), (Customer, customers), (Contact, contacts), (Visit, records)):
            connection.execute(insert(table), rows)
    engine.dispose()


def visits(path: Path) -> int:
    """How many visits were recorded beyond the history."""
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("SELECT count(*) FROM step").fetchone()[0]
        return found
