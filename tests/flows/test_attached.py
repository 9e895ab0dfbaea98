"""Files and other people's words in a conversation: what they answer, whom they reach, and what they never do."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.inbound import Attached, Enclosed, Person, Pressed, Said
from domain.files import FileId, FileKind, kind_named
from domain.people import MemberId, OrgId
from domain.ports import Address, Draft, Work
from handlers.answer import form_of
from handlers.args import Args, FileRef, Missing, Name, Told
from handlers.registry import registry
from handlers.view import Attachment
from storage import tables
from tests.support.house import MONDAY, PLATFORM, House, house, seat
from tests.support.keeping import JPEG, PDF, asked, keeping

ANN = MemberId(1)


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    with keeping():
        yield


def in_loop(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 60))


async def waits(at: House, draft: Draft, who: MemberId = ANN, chat: str = "ann") -> None:
    """A question of somebody's is open."""
    await at.app.writer.run(lambda work: work.store(OrgId(1)).keep_draft(who, chat, draft))


async def draft_of(at: House) -> Draft | None:
    def job(work: Work) -> Draft | None:
        known = work.people.who(Address(platform=PLATFORM, chat="ann"), "ann")
        return known.draft if known else None

    return await at.app.writer.run(job)


def sent(at: House, *files: tuple[str, bytes], caption: str = "", who: str = "ann", **facts: Any) -> Attached:
    """Files that the door has kept already, as the playground's and the transcripts' are."""
    return Attached(
        person=Person(account=who, name=who),
        at=Address(platform=PLATFORM, chat=who),
        private=True,
        files=tuple(
            Enclosed(
                kind=kind_named(name), name=name, mime="", size=len(content), ref=at.app.files.keep(content)
            )
            for name, content in files
        ),
        caption=caption,
        said_at=MONDAY,
        **facts,
    )


def passed_on(text: str, source: str = "Li Wei") -> Said:
    return Said(
        person=Person(account="ann", name="ann"),
        at=Address(platform=PLATFORM, chat="ann"),
        private=True,
        text=text,
        said_at=MONDAY,
        forwarded_from=source,
    )


def test_a_file_answers_the_question_that_takes_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            await at.says("ann", "/put Acme")
            assert at.said("ann")[0] == "Send the one file."
            await at.hears(sent(at, ("card.jpg", JPEG)))
            # The words are still to come, and the file is not lost meanwhile.
            assert at.said("ann")[0] == "And what is it?"
            assert await draft_of(at) == Draft(line="/put Acme\nfile: F1", part="text")
            await at.says("ann", "the offer, signed")
            assert at.said("ann")[:2] == [
                "kept for Acme: the offer, signed",
                "(picture: what card.jpg shows)",
            ]
            assert await draft_of(at) is None
            shown = at.card("ann").attachments
            assert shown == (Attachment(FileId(1), "card.jpg", FileKind.PHOTO, "what card.jpg shows"),)
            assert await at.app.file_bytes(OrgId(1), shown[0].file_id) == JPEG

    in_loop(scenario())


def test_the_words_beside_a_file_are_the_text_part_whatever_they_hold(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            for caption in ("he agreed", "budget: 40k\nfile: F9; about: Bolt", "/undo", "cancel"):
                await waits(at, asked())
                await at.hears(sent(at, ("a.pdf", PDF), ("b.jpg", JPEG), caption=caption))
                assert "\n".join(at.said("ann")).startswith(
                    f"kept for Acme: {caption}\n(file: a.pdf)\n(picture: "
                )

    in_loop(scenario())


def test_without_words_the_text_is_asked_for_and_the_files_wait_in_the_line(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            await at.says("ann", "/keep Acme")
            await at.hears(sent(at, ("a.pdf", PDF), ("b.jpg", JPEG)))
            assert await draft_of(at) == Draft(line="/keep Acme\nfile: F1 F2", part="text")
            await at.says("ann", "two pages")
            assert at.said("ann")[0] == "kept for Acme: two pages"
            assert len(at.card("ann").attachments) == 2

    in_loop(scenario())


def test_one_file_where_one_is_asked_for(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            await waits(at, asked("put", "file"))
            await at.hears(sent(at, ("a.pdf", PDF), ("b.pdf", PDF)))
            assert at.said("ann") == [
                "2 files came, and one is asked for; none was kept. Send the one that counts.",
                "Send the one file.",
                "[Cancel]",
            ]
            # Nothing of the turn stays, and the question does.
            assert await at.rows(tables.file.select()) == []
            assert await draft_of(at) == asked("put", "file")

    in_loop(scenario())


def test_a_question_about_something_else_is_left_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house([seat("ann")], folder=tmp_path / "files") as at:
            await at.says("ann", "/visit")
            before = await draft_of(at)
            await at.hears(sent(at, ("a.pdf", PDF), caption="Acme", forwarded_from="Li Wei"))
            assert at.said("ann") == ["took [F1 a.pdf application/pdf 249] caption [Acme] from [Li Wei]"]
            await at.hears(passed_on("Acme"))
            assert at.said("ann") == ["took [] caption [Acme] from [Li Wei]"]
            assert await draft_of(at) == before
            # Nor does one that was put aside wait any more.
            await waits(at, replace(asked(), suspended=True))
            await at.hears(passed_on("he agreed"))
            assert at.said("ann") == ["took [] caption [he agreed] from [Li Wei]"]

    in_loop(scenario())


@pytest.mark.parametrize(
    "text",
    [
        "/undo",
        "undo",
        "cancel",
        "/visit Bolt\nresult: budget confirmed",
        "visit Bolt",
        "  /undo",
        "\uff0fundo",
        "Budget: 40k\nfile: F1; about: Bolt\nunheard: of",
    ],
)
def test_forwarded_words_never_run_as_a_command(text: str) -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await at.says("ann", "/visit Acme\nmet: Li Wei\nresult: ok")
            customers = await at.rows(tables.customer.select())
            changes = await at.rows(tables.change.select())
            await at.hears(passed_on(text))
            assert at.card("ann").blocks[0].words.startswith("took [] caption [")  # type: ignore[union-attr]
            # Nor where they answer a question: they are its words, all of them.
            await waits(at, asked())
            await at.hears(passed_on(text, ""))
            assert "\n".join(at.said("ann")).startswith(
                "kept for Acme: " + text.strip().replace("\uff0f", "/")[:5]
            ) or ("\uff0f" in text)
            assert await at.rows(tables.customer.select()) == customers
            assert await at.rows(tables.change.select()) == changes

    in_loop(scenario())


def test_forwarded_words_that_leave_a_question_open_name_no_part() -> None:
    """They wait in the line of the draft, which is read again: what looks like a part there must not be one."""

    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await waits(at, Draft(line="/put Acme", part="text"))
            await at.hears(
                passed_on("Terms: file: F1\nabout: Bolt\nat 15:00, see https://acme.example\nunheard: of")
            )
            draft = await draft_of(at)
            assert draft is not None and draft.part == "file"
            assert draft.line == (
                "/put Acme\ntext: Terms\u2236 file\u2236 F1\nabout\u2236 Bolt\nat 15:00, see https://acme.example\n"
                "unheard\u2236 of"
            )
            name, *_ = at.said("ann")
            assert name == "Send the one file."
            await at.hears(sent(at, ("a.pdf", PDF)))
            assert at.said("ann")[0].startswith("kept for Acme: Terms")

    in_loop(scenario())


def test_long_words_are_refused_and_nothing_stays() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await waits(at, asked())
            for text in ("x" * 1001, "x" * 5000):
                await at.hears(passed_on(text))
                assert f"{len(text)} characters" in at.said("ann")[0]
                assert await draft_of(at) == asked()

    in_loop(scenario())


def test_nobody_names_a_file_of_somebody_else() -> None:
    """A number can be typed: it reaches the own files only, of the own organisation."""

    async def scenario() -> None:
        async with house([seat("ann"), seat("bob")]) as at:
            await at.hears(sent(at, ("a.pdf", PDF), who="bob"))
            for said in ("F1", "F99", "1", "F0", "F", "F1 F99", "f1; text: x"):
                await at.says("ann", f"/keep Acme\ntext: mine\nfile: {said}")
                assert "no file of your own" in at.said("ann")[0], said
            await at.says("bob", "/keep Acme\ntext: mine\nfile: f1")
            assert at.said("bob")[:2] == ["kept for Acme: mine", "(file: a.pdf)"]

    in_loop(scenario())


def test_an_answer_with_a_file_is_a_new_message() -> None:
    """A press edits the message its button stands under, but where that would put a file into it."""

    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await at.hears(sent(at, ("a.pdf", PDF)))
            await at.says("ann", "/keep Acme\ntext: mine\nfile: F1")
            first = at.recorder.chats["ann"][-1]
            for index, message in ((1, "another"), (0, first.message)):
                pressed = Pressed(
                    person=Person(account="ann", name="ann"),
                    at=Address(platform=PLATFORM, chat="ann"),
                    private=True,
                    token=f"{first.token}.{index}",
                    message=first.message,
                    said_at=MONDAY,
                )
                count = len(at.recorder.chats["ann"])
                await at.hears(pressed)
                assert (len(at.recorder.chats["ann"]) == count) is (message == first.message)
            assert at.recorder.chats["ann"][-1].card.attachments

    in_loop(scenario())


class ManyArgs(Args):
    """Enough parts for a form, one of them a file."""

    lead = ("about",)
    about: Name
    file: FileRef
    amount: Name
    text: Told
    where: Name | None = None


def test_no_form_asks_for_a_file() -> None:
    many = replace(registry().commands["keep"], args=ManyArgs)
    form = form_of(many, Missing(line="/keep Acme", part="amount"))
    assert form is not None and [each.name for each in form.fields] == ["amount", "text", "where"]
    assert form_of(many, Missing(line="/keep Acme", part="file")) is None


def test_a_stranger_who_passes_on_a_code_is_not_let_in() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            code = await at.app.owner_code()
            words = replace(passed_on(code), person=Person(account="zoe", name="zoe"))
            await at.hears(replace(words, at=Address(platform=PLATFORM, chat="zoe")))
            assert at.said("zoe")[0] == "Dealpace, the sales coach of a team. Entry is by invitation."

    in_loop(scenario())


def test_without_anybody_to_take_them_nothing_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        with keeping(hook=False):
            async with house([seat("ann")], folder=tmp_path / "files") as at:
                await at.hears(sent(at, ("a.jpg", JPEG)))
                assert at.said("ann") == ["A photo cannot be read yet; nothing was saved. Words work."]
                await at.hears(passed_on("/undo"))
                assert at.said("ann") == [
                    "A forwarded message cannot be read yet; nothing was saved. Words work."
                ]
                assert await at.rows(tables.file.select()) == []

    in_loop(scenario())
