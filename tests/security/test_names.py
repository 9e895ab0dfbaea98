"""Ten thousand names of all scripts: read, compared, shown; nothing breaks, and nothing of them comes alive."""

import asyncio
import html
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from bot.layout import lines
from bot.slack import modal
from bot.slack.render import home
from bot.telegram.render import LABEL_MOST, render
from domain.people import EVERYBODY, Language
from domain.refusals import Refusal
from handlers.args import NAME_LIMIT, fill
from handlers.reading.names import fold, near, people
from handlers.reading.typed import tidy, visible
from handlers.recording import RecordArgs
from handlers.view import (
    Button,
    Card,
    Facts,
    Field,
    Form,
    Line,
    Mark,
    Note,
    Progress,
    Steps,
    Text,
    Words,
    card,
    encode,
    t,
)
from handlers.words import PLURAL_BY, catalogue
from storage import tables
from tests.security.names import Typed, names
from tests.support.arguments import utf16_length
from tests.support.house import PLATFORM, House, house, seat
from tests.support.payloads import slack_problems, telegram_problems
from tests.support.rendered import (
    TOKEN,
    illegal_on_slack,
    illegal_on_telegram,
    slack_arguments,
    telegram_arguments,
)
from tests.support.shown import Keeping
from tests.support.slack_payloads import check_view, objects_in
from tests.support.telegram_payloads import formatted_text

Json = dict[str, Any]

COUNT, VISITED, JOINING, FILLED_IN = 10_000, 60, 25, 100
CONTEXT = {"today": date(2026, 3, 2), "language": Language.EN}
KNOWN = [
    (number, name, fold(name))
    for number, name in enumerate(
        ("Zenith Corp", "Blue Harbor", "R&D <Labs>", "\u6d77\u5c14\u96c6\u56e2", "\u5f20\u4f1f")
    )
]
OWN = len(KNOWN)
LANGUAGES = tuple(Language)
OURS_ON_SLACK = {
    "rich_text",
    "rich_text_section",
    "rich_text_preformatted",
    "text",
    "plain_text",
    "context",
    "actions",
    "button",
    None,
}
LIVE = re.compile("<[!@#]")
CODE = re.compile('"code":"([^"]+)"')


@lru_cache(maxsize=1)
def texts_with_room() -> tuple[tuple[str, frozenset[str]], ...]:
    """Every text of the product in which somebody's words can stand, with its places."""
    found = []
    for key in catalogue():
        forms = [form for each in catalogue().forms(key).values() for form in each.values()]
        places = frozenset[str]().union(*(form.placeholders for form in forms))
        found += [(key, places)] if places - {PLURAL_BY} else []
    return tuple(found)


def holding(number: int, name: str) -> Text:
    """One of the texts with the name in every place."""
    texts = texts_with_room()
    key, places = texts[number % len(texts)]
    return t(key, **{place: 2 if place == PLURAL_BY else name for place in places})


def cards(name: str, turn: int) -> Card:
    """A card with the name in other texts and blocks each turn, so that in time it stood in all of them."""
    title, other, small, label = (holding(turn * step, name) for step in (1, 3, 7, 11))
    body = (
        Line(other, Mark.DONE),
        Facts(((t("parts.result.label"), other), (name, name))),
        Progress(other, 2, 5),
        Steps(((Mark.OPEN, other), (Mark.DONE, name))),
        Note(other),
    )
    first: Words = name if turn % 7 == 0 else title
    code = Note(small if turn % 11 else f"/visit {name}", code=True)
    return card(
        Line(first), body[turn % len(body)], code, rows=((Button(label, "/today"), Button(name, "/visit")),)
    )


def test_ten_thousand_names_are_read_as_typed() -> None:
    assert sum(_is_read(typed) for typed in names("names", COUNT)) > COUNT // 3


def _is_read(typed: Typed) -> bool:
    """Reads the name as a command does, in three places; whether it must have been read whole."""
    wanted = tidy(typed.name)
    sound = typed.plain and visible(wanted) and len(wanted) <= NAME_LIMIT
    line = tidy(f"/visit {typed.name}\nmet: {typed.name}; result: {typed.name}")
    try:
        args = fill("visit", RecordArgs, line.partition(" ")[2], CONTEXT)
    except Refusal:
        args = None
    if isinstance(args, RecordArgs):
        met = [person for person, _ in people(args.met or "")]
        assert met or not (args.met and visible(args.met)), ascii(line)
        for name in (args.customer, *met):
            _is_compared(name)
        assert not sound or (args.customer, args.met, args.result) == (wanted,) * 3, ascii(line)
    assert not sound or isinstance(args, RecordArgs), ascii(line)
    return sound


def _is_compared(name: str) -> None:
    folded = fold(name)
    assert fold(folded) == folded, ascii(name)
    assert folded or not visible(name), ascii(name)
    if folded:
        assert near(name, [*KNOWN, (OWN, name, folded)])[0] == OWN, ascii(name)


def test_ten_thousand_names_are_shown_as_typed_and_do_nothing() -> None:
    shapes: set[tuple[object, ...]] = set()
    for turn, typed in enumerate(names("names", COUNT)):
        # People's names come from their profiles as they are; all else is tidied when it is read.
        name = tidy(typed.name) if turn % 4 else typed.name
        language = LANGUAGES[turn % len(LANGUAGES)]
        shown = cards(name, turn)
        wanted = [line for block in shown.blocks for line in lines(block, language)]
        whole = turn % 4 != 0 and "\n" not in name and visible(name)
        _does_nothing_on_telegram(shown, language, wanted if whole else None)
        said = slack_arguments(shown, language)
        # What Slack has against blocks is looked at for each shape of them and for some of all; the words are always.
        shape = tuple((item.get("type"), *item) for item in objects_in(said["blocks"]))
        if shape not in shapes or turn % 50 == 0:
            shapes.add(shape)
            assert slack_problems("chat.postMessage", said) == [], ascii(shown)
        _does_nothing_on_slack(said, wanted if whole else None)


def _does_nothing_on_telegram(shown: Card, language: Language, wanted: list[str] | None) -> None:
    message = render(shown, language, TOKEN)
    assert telegram_problems("sendMessage", telegram_arguments(message)) == [], ascii(shown)
    parsed = formatted_text(telegram_arguments(message))
    marked = [(each["type"], _slice(parsed.text, each)) for each in parsed.entities]
    assert {kind for kind, _ in marked} <= {"bold", "code", "pre"}, ascii(shown)
    assert all(utf16_length(label) <= LABEL_MOST for row in message.keyboard for label, _ in row)
    if wanted is not None:
        assert parsed.text == message.plain == "\n".join(wanted), ascii(parsed.text)
        assert marked == [("bold", wanted[0]), ("code", wanted[-1])], ascii(marked)


def _slice(text: str, entity: Json) -> str:
    units = text.encode("utf-16-le")
    return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")


def _does_nothing_on_slack(said: Json, wanted: list[str] | None) -> None:
    items = list(objects_in(said["blocks"]))
    assert {item.get("type") for item in items} <= OURS_ON_SLACK
    words = [item["text"] for item in items if isinstance(item.get("text"), str)]
    labels = [item["text"]["text"] for item in items if item.get("type") == "button"]
    assert all(each.strip() and utf16_length(each) <= 2000 and not LIVE.search(each) for each in words), (
        ascii(words)
    )
    assert all(utf16_length(each) <= 75 for each in labels), ascii(labels)
    assert said["text"].strip() and not {"<", ">"} & set(said["text"])
    if wanted is not None:
        body = "\n".join(each.removeprefix("\n") for each in words[: -len(labels)])
        assert _as_typed(body) == "\n".join(wanted), ascii(body)
        assert _as_typed(html.unescape(said["text"])) == "\n".join(wanted), ascii(said["text"])


def _as_typed(said: str) -> str:
    """Without what Slack's own command and the taming of mentions add."""
    return said.replace("/pace ", "/").replace("\u2060", "")


def test_names_in_forms_and_homes() -> None:
    for turn, typed in enumerate(names("names in forms", FILLED_IN)):
        name, language = typed.name, LANGUAGES[turn % len(LANGUAGES)]
        fields = (
            Field("customer", name, name, value=name),
            Field(
                "kind",
                holding(turn, name),
                name,
                options=((name, "a"), (holding(turn * 3, name), "b")),
                value="b",
            ),
            Field("result", t("parts.result.label"), holding(turn * 7, name), value=name * 40, lines=True),
        )
        shown = cards(name, turn).with_form(Form(name, "/visit", fields))
        for made in (modal.view(shown, language, TOKEN), home(shown, language, TOKEN)):
            sent = json.loads(json.dumps(made).encode("utf-8"))
            assert check_view(sent) == [], ascii(name)
            assert not [each for each in objects_in(sent) if LIVE.search(str(each.get("text")))], ascii(name)


def test_names_with_a_database_behind_them() -> None:
    """What commands really show for them: records, steps, questions about near names, the day and the week."""

    async def scenario() -> list[Card]:
        async with house([seat("ann")]) as at:
            kept = _keeping(at)
            for typed in names("names of customers", VISITED):
                name = typed.name
                assert await at.says("ann", f"/visit {name}\nmet: {name}\nresult: {name}")
                assert await at.says("ann", f"/visit {name}\nnext: {name} by Fri")
            for line in ("/today", "/today more", "/visit", "/week", "/report", "/undo"):
                assert await at.says("ann", line)
            return [each.card for each in kept.everything]

    shown = asyncio.run(scenario())
    assert len(shown) > 2 * VISITED
    _are_legal(shown)


def test_names_of_profiles_are_kept_as_they_can_be_read() -> None:
    """Whoever joins brings a name from the platform: it may be anything, and others read it."""
    boss = replace(seat("boss"), roles=EVERYBODY)

    async def scenario() -> list[Card]:
        async with house([boss]) as at:
            kept = _keeping(at)
            for number, typed in enumerate(names("names of profiles", JOINING)):
                await at.says("boss", "/invite rep")
                code = next(
                    found[1]
                    for each in reversed(kept.everything)
                    if (found := CODE.search(encode(each.card)))
                )
                assert await at.says(f"w{number}", f"/start {code}", called=typed.name)
                assert await at.says(f"w{number}", "/visit Acme; met: Li Wei; result: ok")
            members = await at.rows(select(tables.member.c.name))
            assert len(members) == JOINING + 1
            for (name,) in members:
                assert visible(name) and name == " ".join(tidy(name).split()), ascii(name)
            return [each.card for each in kept.everything]

    _are_legal(asyncio.run(scenario()))


def _keeping(at: House) -> Keeping:
    """The house's messenger from now on: it keeps every card."""
    at.recorder = kept = Keeping()
    at.app.courier.join(PLATFORM, kept)
    return kept


def _are_legal(shown: Iterable[Card]) -> None:
    for number, each in enumerate(shown):
        language = LANGUAGES[number % len(LANGUAGES)]
        assert "answer.stumbled" not in encode(each), ascii(each)
        assert illegal_on_slack(each, language) == [], ascii(each)
        assert illegal_on_telegram(render(each, language, TOKEN)) == [], ascii(each)
        _does_nothing_on_telegram(each, language, None)
        _does_nothing_on_slack(slack_arguments(each, language), None)
