"""Files on Telegram with the real library over loopback: in by getFile, out as photos and documents, refused in words."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.charts import png_of
from bot.charts.painter import Painter
from bot.clock import SetClock
from bot.inbound import Attached, Said, from_plain, plain
from bot.telegram.adapter import decode
from domain.files import FILE_MOST, FileKind, sniffed
from domain.people import Language
from domain.ports import Address, Delivery, Letter, Urgency
from handlers.charting import charted
from handlers.view import card, encode
from tests.support.drawings import drawing
from tests.support.keeping import JPEG, PDF, keeping
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_stage import ANN, MONDAY, Stage, in_loop, stage

PERSON: dict[str, Any] = {"id": ANN, "is_bot": False, "first_name": "Ann"}
ORIGINS: list[tuple[dict[str, Any], str]] = [
    ({"type": "user", "sender_user": {"id": 9, "first_name": "Li", "last_name": "Wei"}}, "Li Wei"),
    ({"type": "hidden_user", "sender_user_name": "Wang"}, "Wang"),
    ({"type": "chat", "sender_chat": {"id": -1, "type": "group", "title": "Buyers"}}, "Buyers"),
    ({"type": "channel", "chat": {"id": -2, "type": "channel", "title": "News"}, "message_id": 4}, "News"),
    ({"type": "of tomorrow"}, ""),
]


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("bot.fetch.LONGEST_WAIT", 0.01)
    with keeping():
        yield


async def ready(on: Stage) -> None:
    await on.found()
    await on.joins(ANN, "Ann")


async def answered(on: Stage, act: Any) -> StoredMessage:
    """The message that answers what Ann does."""
    before = len(on.server.messages(ANN))
    act()
    return (await on.server.until(lambda: on.server.messages(ANN)[before:]))[0]


def update(**message: Any) -> str:
    said = {"message_id": 5, "date": 1_600_000_000, "chat": {"id": ANN, "type": "private"}, "from": PERSON}
    return json.dumps({"update_id": 1, "message": {**said, **message}})


# ---------------------------------------------------------------------- what an update says


def test_the_largest_size_of_a_photo_is_taken() -> None:
    sizes = [
        {"file_id": "small", "width": 90, "height": 60, "file_size": 1_000},
        {"file_id": "large", "width": 1280, "height": 900, "file_size": 90_000},
        {"file_id": "medium", "width": 320, "height": 240, "file_size": 99_000},
    ]
    found = decode(update(photo=sizes, caption="the card \ud800 of Li"))
    assert isinstance(found, Attached)
    [photo] = found.files
    assert (photo.kind, photo.ref, photo.size, photo.mime) == (FileKind.PHOTO, "large", 90_000, "image/jpeg")
    assert (found.caption, found.message, found.forwarded_from) == ("the card \ufffd of Li", "5", None)
    assert from_plain(plain(found)) == found


def test_a_document_is_taken_with_what_is_said_of_it() -> None:
    found = decode(
        update(document={"file_id": "F", "file_name": "offer.pdf", "mime_type": "application/pdf"})
    )
    assert isinstance(found, Attached)
    [document] = found.files
    assert (document.kind, document.name, document.size) == (FileKind.DOCUMENT, "offer.pdf", None)
    bare = decode(update(document={"file_id": "F"}))
    assert isinstance(bare, Attached) and bare.files[0].name == ""


@pytest.mark.parametrize(("origin", "name"), ORIGINS)
def test_whose_words_were_passed_on(origin: dict[str, Any], name: str) -> None:
    said = decode(update(text="/undo", forward_origin=origin))
    assert isinstance(said, Said) and said.forwarded_from == name
    assert from_plain(plain(said)) == said
    photo = decode(update(photo=[{"file_id": "F", "width": 1, "height": 1}], forward_origin=origin))
    assert isinstance(photo, Attached) and photo.forwarded_from == name
    own = decode(update(text="/undo"))
    assert isinstance(own, Said) and own.forwarded_from is None


def test_in_a_group_nothing_of_it_is_read() -> None:
    group = {"id": -5, "type": "supergroup"}
    assert decode(update(chat=group, photo=[{"file_id": "F", "width": 1, "height": 1}])) is None
    command = [{"type": "bot_command", "offset": 0, "length": 5}]
    passed_on = update(chat=group, text="/undo", entities=command, forward_origin=ORIGINS[0][0])
    assert decode(passed_on) is None
    assert isinstance(decode(update(chat=group, text="/undo", entities=command)), Said)


@pytest.mark.parametrize("content", [{"photo": []}, {"photo": [{}]}, {"document": {}}, {"document": "F"}])
def test_another_shape_is_set_aside(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        decode(update(**content))


# ---------------------------------------------------------------------- in


@pytest.mark.parametrize("pushed", [False, True], ids=["polling", "webhook"])
def test_a_photo_and_a_document_come_in(tmp_path: Path, pushed: bool) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=pushed) as on:
            await ready(on)
            told = await answered(on, lambda: on.server.user_photographs(ANN, JPEG, caption="his card"))
            assert told.text == f"took [F1 photo.jpg image/jpeg {len(JPEG)}] caption [his card] from [None]"
            told = await answered(
                on, lambda: on.server.user_uploads(ANN, PDF, file_name="../offer.pdf", origin=ORIGINS[1][0])
            )
            assert told.text == f"took [F2 offer.pdf application/pdf {len(PDF)}] caption [] from [Wang]"
            assert sorted(each.read_bytes() for each in (tmp_path / "files").iterdir()) == sorted([JPEG, PDF])

    in_loop(scenario())


def test_forwarded_words_reach_whoever_takes_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            told = await answered(on, lambda: on.server.user_forwards(ANN, "/undo", ORIGINS[0][0]))
            assert told.text == "took [] caption [/undo] from [Li Wei]"

    in_loop(scenario())


@pytest.mark.parametrize("says_size", [True, False])
def test_21_megabytes_are_refused_with_a_way_out(tmp_path: Path, says_size: bool) -> None:
    """By the size that is said, and where none is by Telegram, which does not hand out so much."""

    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            content = bytes(FILE_MOST + 1_000_000)
            told = await answered(
                on,
                lambda: on.server.user_uploads(ANN, content, file_name="catalogue.pdf", says_size=says_size),
            )
            assert told.text.startswith("catalogue.pdf is over 20 MB and was not kept. A smaller copy works")
            assert len(on.server.calls_of("getFile")) == (0 if says_size else 1)
            assert on.server.calls_of("download") == []
            assert not (tmp_path / "files").exists()

    in_loop(scenario())


@pytest.mark.parametrize("method", ["getFile", "download"])
def test_a_failing_download_is_tried_again_and_then_told(tmp_path: Path, method: str) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            on.server.fault(method, times=1, code=502)
            on.server.fault(method, times=1, drop=True)
            told = await answered(on, lambda: on.server.user_uploads(ANN, PDF, file_name="a.pdf"))
            assert told.text.startswith("took [F1 a.pdf")
            assert len(on.server.calls_of(method)) == 3
            on.server.fault(method, times=3, code=500)
            told = await answered(on, lambda: on.server.user_uploads(ANN, PDF, file_name="b.pdf"))
            assert told.text == "b.pdf could not be fetched; nothing was saved. Send it again, please."
            assert len(on.server.calls_of(method)) == 6
            # The lane goes on, and sending it again works.
            told = await answered(on, lambda: on.server.user_uploads(ANN, PDF, file_name="b.pdf"))
            assert told.text.startswith("took [F2 b.pdf")

    in_loop(scenario())


def test_a_file_that_telegram_forgot_is_asked_for_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)

            def forgets() -> None:
                on.server.user_uploads(ANN, PDF, file_name="a.pdf")
                on.server.api.files.clear()

            told = await answered(on, forgets)
            assert told.text.startswith("a.pdf could not be fetched")
            assert len(on.server.calls_of("getFile")) == 1

    in_loop(scenario())


@pytest.mark.parametrize(
    "path", ["../../bot{token}/getMe", "https://evil.example/x", "/var/lib/telegram/doc"]
)
def test_no_path_of_a_server_leads_elsewhere(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            known = on.server._methods["getfile"][1]
            answer = path.format(token=on.server.token)

            def tricky(params: dict[str, Any]) -> dict[str, Any]:
                found: dict[str, Any] = known(params)
                return found | {"file_path": answer}

            on.server._methods["getfile"] = ("getFile", tricky)
            asked = len(on.server.calls_of("getMe"))
            told = await answered(on, lambda: on.server.user_uploads(ANN, PDF, file_name="a.pdf"))
            assert told.text.startswith("a.pdf could not be fetched")
            assert len(on.server.calls_of("getMe")) == asked

    in_loop(scenario())


# ---------------------------------------------------------------------- out


def kinds(message: StoredMessage) -> set[str]:
    return {"photo", "document", "text"} & set(message.body)


def test_a_picture_goes_out_with_the_card_as_its_caption(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            await on.says(ANN, "/keep Acme & <Sons>")
            shown = await answered(on, lambda: on.server.user_photographs(ANN, JPEG, caption="his card"))
            assert kinds(shown) == {"photo"}
            assert shown.text == "kept for Acme & <Sons>: his card"
            assert shown.labels == ["Undo", "Again"]
            sent = on.server.api.files[shown.body["photo"][0]["file_id"]]
            assert sent.content == JPEG
            # What a message shows cannot become a card: the answer to its button is a new one.
            again = await answered(on, lambda: on.server.user_clicks(ANN, shown.message_id, "Again"))
            assert kinds(again) == {"photo"} and shown.history == []
            undone = await answered(on, lambda: on.server.user_clicks(ANN, shown.message_id, "Undo"))
            assert kinds(undone) == {"text"} and shown.history == []

    in_loop(scenario())


def test_what_is_taken_back_says_so_under_its_picture(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            await on.says(ANN, "/keep Acme")
            shown = await answered(on, lambda: on.server.user_photographs(ANN, JPEG, caption="his card"))
            # That it left is noted a moment later.
            number = shown.message_id
            await on.server.until(lambda: on.rows(f"SELECT 1 FROM letter WHERE message = '{number}'"))
            undone = await on.says(ANN, "/undo")
            await on.server.until(lambda: shown.history)
            assert kinds(shown) == {"photo"} and shown.text == undone.text and shown.labels == []

    in_loop(scenario())


def test_a_chart_goes_out_as_a_photo_with_its_buttons(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            shown = await on.says(ANN, "/draw funnel")
            assert kinds(shown) == {"photo"}
            assert (shown.text, shown.labels) == ("a funnel", ["Plain", "Trend"])
            content = on.server.api.files[shown.body["photo"][0]["file_id"]].content
            assert sniffed(content, "picture.png") == "image/png"
            assert content == png_of(charted(drawing("funnel", Language.EN)), Language.EN)
            # A message with a picture becomes no card without one, and none another picture.
            trend = await answered(on, lambda: on.server.user_clicks(ANN, shown.message_id, "Trend"))
            assert kinds(trend) == {"photo"} and shown.history == []
            plain = await answered(on, lambda: on.server.user_clicks(ANN, trend.message_id, "Plain"))
            assert kinds(plain) == {"text"} and plain.text == "nothing to see"

    in_loop(scenario())


def test_a_chart_is_drawn_in_the_readers_language(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            await on.says(ANN, "/language zh")
            shown = await on.says(ANN, "/draw scorecard")
            content = on.server.api.files[shown.body["photo"][0]["file_id"]].content
            assert content == png_of(charted(drawing("scorecard", Language.ZH)), Language.ZH)

    in_loop(scenario())


def test_a_chart_that_cannot_be_drawn_leaves_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The font is gone, say: the card still comes, with its buttons, and the log says why there is no picture."""
    lost = Painter(tmp_path / "gone.otf")
    monkeypatch.setattr("bot.charts.painter", lambda: lost)

    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            with capture_logs() as said:
                shown = await on.says(ANN, "/draw trend")
            assert kinds(shown) == {"text"} and shown.labels == ["Plain", "Trend"]
            assert shown.text == "a trend"
            [told] = [each for each in said if each["event"] == "chart_not_drawn"]
            assert (told["kind"], told["log_level"]) == ("Trend", "error")

    in_loop(scenario())
    lost.close()


def test_a_card_brought_up_to_date_keeps_its_picture(tmp_path: Path) -> None:
    """The words under the picture change; they do not begin to speak of it."""

    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            shown = await on.says(ANN, "/draw leaderboard")
            letter = Letter(
                key="again",
                to=Address(platform="telegram", chat=str(ANN)),
                language=Language.EN,
                card=encode(card("now", charted(drawing("leaderboard", Language.EN)))),
                delivery=Delivery.EDIT,
                edits=str(shown.message_id),
                urgency=Urgency.EDIT,
                due_at=MONDAY,
            )
            await on.app.writer.run(lambda work: work.outbox.write(letter))
            on.app.courier.wake()
            await on.server.until(lambda: shown.history)
            assert kinds(shown) == {"photo"} and shown.text == "now"

    in_loop(scenario())


def test_a_document_goes_out_under_its_name(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            await on.says(ANN, "/keep Acme")
            shown = await answered(
                on, lambda: on.server.user_uploads(ANN, PDF, file_name="offer.pdf", caption="it")
            )
            assert kinds(shown) == {"document"} and shown.body["document"]["file_name"] == "offer.pdf"
            assert on.server.api.files[shown.body["document"]["file_id"]].content == PDF

    in_loop(scenario())


def test_words_too_long_for_a_caption_go_first(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            words = "\U0001f600" * 410
            await on.says(ANN, "/keep Acme")
            before = len(on.server.messages(ANN))
            on.server.user_photographs(ANN, JPEG, caption=words)
            await on.server.until(lambda: len(on.server.messages(ANN)) == before + 2)
            first, second = on.server.messages(ANN)[before:]
            assert kinds(first) == {"text"} and first.text.endswith(f"in full: {words}")
            assert first.labels == ["Undo", "Again"]
            assert kinds(second) == {"photo"} and second.text == "" and second.labels == []

    in_loop(scenario())


def test_what_failed_halfway_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """The words and the first file have left when the second fails: neither comes twice."""

    async def scenario() -> None:
        clock = SetClock(MONDAY)
        async with stage(tmp_path, clock) as on:
            await ready(on)
            for content, name in ((PDF, "a.pdf"), (PDF + b"b", "b.pdf")):
                await answered(on, lambda c=content, n=name: on.server.user_uploads(ANN, c, file_name=n))
            before = len(on.server.messages(ANN))
            calls = []

            def second(params: dict[str, Any]) -> bool:
                calls.append(params)
                return len(calls) == 2

            on.server.fault("sendDocument", times=1, code=500, when=second)
            on.server.user_sends(ANN, f"/keep Acme\ntext: {'w' * 990}\nfile: F1 F2")
            await on.server.until(lambda: len(calls) == 2)
            await on.server.until(
                lambda: on.rows("SELECT 1 FROM letter WHERE state = 'due' AND key LIKE 'event%'")
            )
            clock.set(MONDAY + timedelta(minutes=1))
            on.app.courier.wake()
            await on.server.until(lambda: len(on.server.messages(ANN)) == before + 3)
            words, *files = on.server.messages(ANN)[before:]
            assert kinds(words) == {"text"}
            assert [each.body["document"]["file_name"] for each in files] == ["a.pdf", "b.pdf"]
            assert len(on.server.calls_of("sendDocument")) == 3

    in_loop(scenario())


def test_a_picture_that_telegram_does_not_take_goes_as_a_file(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            on.server.fault(
                "sendPhoto", times=1, code=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS"
            )
            await on.says(ANN, "/keep Acme")
            shown = await answered(on, lambda: on.server.user_photographs(ANN, JPEG, caption="it"))
            assert kinds(shown) == {"document"} and shown.text == "kept for Acme: it"

    in_loop(scenario())


def test_a_file_whose_bytes_are_gone_is_named_in_words(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await ready(on)
            await answered(on, lambda: on.server.user_uploads(ANN, PDF, file_name="a.pdf"))
            for each in (tmp_path / "files").iterdir():
                each.unlink()
            shown = await on.says(ANN, "/keep Acme\ntext: it\nfile: F1")
            assert kinds(shown) == {"text"} and shown.text == "kept for Acme: it\n(file: a.pdf)"

    in_loop(scenario())
