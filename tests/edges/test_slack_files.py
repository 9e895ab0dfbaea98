"""Files on Slack with the real library over loopback: read with the token from Slack's hosts only, shown by an upload."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.charts import png_of
from bot.charts.painter import Painter
from bot.fetch import FetchFailed
from bot.inbound import Attached, Inbound, Said, Unread, from_plain, plain
from bot.slack.fetching import SlackFiles
from bot.slack.payload import stored
from bot.slack.reading import read
from domain.files import FILE_MOST, FileKind
from domain.people import Language
from handlers.charting import charted
from tests.support.drawings import drawing
from tests.support.keeping import JPEG, PDF, keeping
from tests.support.slack_house import ANN, HTTP, MONDAY, SOCKET, House, house, in_loop
from tests.support.slack_server import BOT_TOKEN
from tests.support.slack_web_api import BOT_USER_ID, TEAM_ID, SlackMessage

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("sqlite_url")
CARD, OFFER = ("card.jpg", "image/jpeg", JPEG), ("offer.pdf", "application/pdf", PDF)
URL = "https://files.slack.com/files-pri/T1-F1/download/offer.pdf"


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("bot.fetch.LONGEST_WAIT", 0.01)
    with keeping():
        yield


async def shares(at: House, *files: tuple[str, str, bytes], text: str = "", **facts: Any) -> SlackMessage:
    """What the bot posts next to Ann, who puts files into the direct message."""
    before = len(at.server.messages(ANN))
    assert (await at.server.user_shares(ANN, *files, text=text, **facts)).acknowledged
    return await at.said(ANN, before + 1)


# ---------------------------------------------------------------------- what an event says


def event(**facts: Any) -> Inbound | None:
    said = {
        "type": "message",
        "channel_type": "im",
        "user": ANN,
        "channel": "D2",
        "ts": "1.000001",
        "text": "",
    }
    payload = {"type": "event_callback", "team_id": TEAM_ID, "event": {**said, **facts}}
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return read(stored(payload, team=TEAM_ID, bot=BOT_USER_ID, received_at=now, known={}))


def described(**facts: Any) -> Json:
    return {
        "id": "F1",
        "name": "offer.pdf",
        "mimetype": "application/pdf",
        "size": 9,
        "url_private_download": URL,
    } | facts


def test_the_files_of_an_event_come_together() -> None:
    picture = described(name="card.jpg", mimetype="image/jpeg")
    found = event(subtype="file_share", files=[described(), picture], text="see &lt;this&gt;")
    assert isinstance(found, Attached)
    assert [(each.kind, each.name, each.size, each.ref) for each in found.files] == [
        (FileKind.DOCUMENT, "offer.pdf", 9, URL),
        (FileKind.PHOTO, "card.jpg", 9, URL),
    ]
    assert (found.caption, found.message, found.forwarded_from) == ("see <this>", "1.000001", None)
    assert from_plain(plain(found)) == found


@pytest.mark.parametrize(
    ("kinds", "what"),
    [
        (["audio/webm"], "voice"),
        (["video/mp4"], "video"),
        (["audio/mp4", "video/mp4"], "video"),
        ([], "file"),
    ],
)
def test_sound_and_film_are_not_read(kinds: list[str], what: str) -> None:
    found = event(subtype="file_share", files=[described(mimetype=each) for each in kinds])
    assert isinstance(found, Unread) and found.what == what


@pytest.mark.parametrize(
    "facts",
    [
        {"mode": "external"},
        {"mode": "hidden_by_limit", "url_private_download": None},
        {"file_access": "check_file_info", "url_private_download": None, "mimetype": None, "name": None},
    ],
)
def test_what_slack_keeps_from_us_has_no_address(facts: Json) -> None:
    found = event(subtype="file_share", files=[described(**facts)])
    assert isinstance(found, Attached) and found.files[0].ref == ""


def test_a_message_that_is_passed_on() -> None:
    shared = {
        "is_share": True,
        "author_name": "Li &amp; Wei",
        "text": "we take it &gt; all",
        "fallback": "[x]",
    }
    found = event(attachments=[shared], text="from the buyer:")
    assert isinstance(found, Said)
    assert (found.text, found.forwarded_from) == ("from the buyer:\nwe take it > all", "Li & Wei")
    # Without words of its own, where Slack puts them for readers of plain text; whose they are may not be said.
    bare = event(attachments=[{"is_share": True, "fallback": "[March 2nd] li: yes"}])
    assert isinstance(bare, Said) and (bare.text, bare.forwarded_from) == ("[March 2nd] li: yes", "")
    files = event(attachments=[shared | {"text": "", "files": [described()]}])
    assert isinstance(files, Attached) and (files.caption, files.forwarded_from) == ("", "Li & Wei")
    assert files.files[0].name == "offer.pdf"
    # A preview of a link is nobody's message.
    link = event(
        attachments=[{"from_url": "https://acme.example", "text": "Acme"}], text="see https://acme.example"
    )
    assert isinstance(link, Said) and link.forwarded_from is None


# ---------------------------------------------------------------------- in


@pytest.mark.parametrize("by", [SOCKET, HTTP])
def test_files_come_in(tmp_path: Path, by: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=by) as at:
            await at.team()
            told = await shares(at, CARD, OFFER, text="the two")
            assert told.text == (
                f"took [F1 card.jpg image/jpeg {len(JPEG)} F2 offer.pdf application/pdf {len(PDF)}]"
                " caption [the two] from [None]"
            )
            assert sorted(each.read_bytes() for each in (tmp_path / "files").iterdir()) == sorted([JPEG, PDF])

    in_loop(scenario())


def test_forwarded_words_and_files_reach_whoever_takes_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.user_forwards(ANN, "/undo", author="Li Wei")
            assert (await at.said(ANN, 1)).text == "took [] caption [/undo] from [Li Wei]"
            file = at.server._described(at.server.api.add_file(*OFFER))
            await at.server.user_forwards(ANN, "", author="Li Wei", files=[file])
            assert "took [F1 offer.pdf" in (await at.said(ANN, 2)).text

    in_loop(scenario())


@pytest.mark.parametrize("facts", [{}, {"size": 9}, {"size": None}])
def test_21_megabytes_are_refused_with_a_way_out(tmp_path: Path, facts: Json) -> None:
    """By the size that Slack says; where it says another, while the bytes come."""

    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            big = ("catalogue.pdf", "application/pdf", PDF + bytes(FILE_MOST + 1_000_000))
            told = await shares(at, big, **facts)
            assert told.text.startswith("catalogue.pdf is over 20 MB and was not kept. A smaller copy works")
            assert len(at.server.calls_of("download")) == (1 if facts else 0)
            assert not (tmp_path / "files").exists()

    in_loop(scenario())


def test_a_failing_download_is_tried_again_and_then_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.fault("download", times=1, code=429, retry_after=1)
            at.server.fault("download", times=1, drop=True)
            assert (await shares(at, OFFER)).text.startswith("took [F1 offer.pdf")
            at.server.fault("download", times=3, code=503)
            told = await shares(at, OFFER)
            assert told.text == "offer.pdf could not be fetched; nothing was saved. Send it again, please."
            assert len(at.server.calls_of("download")) == 6
            assert (await shares(at, OFFER)).text.startswith("took [F2 offer.pdf")

    in_loop(scenario())


def test_without_the_scope_the_page_to_sign_in_is_not_taken_for_the_file(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.scopes = at.server.scopes.replace(",files:read", "")
            assert (await shares(at, OFFER)).text.startswith("offer.pdf could not be fetched")
            assert len(at.server.calls_of("download")) == 1

    in_loop(scenario())


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/files-pri/T1-F1/x",
        "http://files.slack.com/x",
        "https://files.slack.com.evil.example/x",
        "https://files.slack.com@evil.example/x",
        "https://evil.example\\@files.slack.com/x",
        "https://files.slack.com:8443/x",
        "https://slack.com/api/auth.test",
        "https://user:word@files.slack.com/x",
        "file:///etc/passwd",
        "//files.slack.com/x",
        "https://[::1/x",
        "",
    ],
)
def test_the_token_goes_to_slack_and_nowhere_else(address: str) -> None:
    async def scenario() -> None:
        files = SlackFiles(BOT_TOKEN, "https://proxy.example/api/")
        with pytest.raises(FetchFailed, match="elsewhere") as failed:
            await anext(files.chunks(address))
        assert failed.value.lasting
        assert not files._session
        await files.close()

    in_loop(scenario())


def test_slacks_hosts_and_the_roots_own_are_asked() -> None:
    files = SlackFiles(BOT_TOKEN, "https://proxy.example/api/")
    assert files._is_slack(URL)
    assert files._is_slack("https://proxy.example/files-pri/x")
    assert not files._is_slack("http://proxy.example/files-pri/x")


# ---------------------------------------------------------------------- out


def shown_files(message: SlackMessage) -> list[str]:
    return [each["name"] for each in message.body.get("files", ())]


def test_the_words_stand_before_the_files_and_keep_their_buttons(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.tells(ANN, "keep Acme")
            before = len(at.server.messages(ANN))
            await at.server.user_shares(ANN, CARD, OFFER, text="the two &amp; &lt;more&gt;")
            await at.said(ANN, before + 2)
            words, files = at.server.messages(ANN)[before:]
            assert words.text == "kept for Acme: the two &amp; &lt;more&gt;"
            assert words.labels == ["Undo", "Again"] and shown_files(words) == []
            assert shown_files(files) == ["card.jpg", "offer.pdf"] and files.text == ""
            card, offer = (at.server.api.files[each["id"]] for each in files.body["files"])
            assert (card.content, card.alt_text, card.shared) == (JPEG, "what card.jpg shows", True)
            assert (offer.content, offer.alt_text, offer.title) == (PDF, "", "offer.pdf")
            # The answer to a button with a file is a new message; without one it edits the words.
            await at.server.user_clicks(ANN, words.channel, words.ts, "Again")
            await at.said(ANN, before + 4)
            assert words.history == []
            await at.presses(ANN, words, "Undo")

    in_loop(scenario())


def test_a_chart_is_uploaded_with_all_it_shows_in_words(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            before = len(at.server.messages(ANN))
            await at.server.user_says(ANN, "draw leaderboard")
            await at.said(ANN, before + 2)
            words, files = at.server.messages(ANN)[before:]
            assert (words.text, words.labels) == ("a leaderboard", ["Plain", "Trend"])
            assert shown_files(files) == ["picture.png"] and files.text == ""
            [picture] = (at.server.api.files[each["id"]] for each in files.body["files"])
            assert picture.content == png_of(charted(drawing("leaderboard", Language.EN)), Language.EN)
            assert picture.shared and picture.alt_text == (
                "Board of the week, Week 9, 23 Feb - 1 Mar: 1 Ann 96.5; 2 Zhou Bo 91; 3 Chen Fang 88; "
                "most improved Lin Tao +12; team 91%, +5"
            )

    in_loop(scenario())


def test_a_chart_that_cannot_be_drawn_leaves_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Painter(tmp_path / "gone.otf")
    monkeypatch.setattr("bot.charts.painter", lambda: lost)

    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            shown = await at.tells(ANN, "draw trend")
            assert (shown.text, shown.labels) == ("a trend", ["Plain", "Trend"])
            assert at.server.calls_of("files.getUploadURLExternal") == []

    in_loop(scenario())
    lost.close()


def test_without_buttons_the_words_stand_with_the_files(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await shares(at, OFFER)
            shown = await at.tells(ANN, "keep Acme\ntext: no buttons\nfile: F1")
            assert shown.text == "kept for Acme: no buttons" and shown_files(shown) == ["offer.pdf"]

    in_loop(scenario())


def test_in_a_channel_the_file_goes_to_the_persons_own_chat(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C1", members=[ANN])
            await shares(at, OFFER)
            before = len(at.server.messages(ANN))
            await at.server.user_commands(ANN, "/pace", "keep Acme\ntext: it\nfile: F1", channel="C1")
            assert shown_files(await at.said(ANN, before + 1)) == ["offer.pdf"]
            [whisper] = at.server.ephemerals
            assert whisper.text == "kept for Acme: it" and whisper.seen_only_by == ANN
            assert at.server.messages("C1") == []

    in_loop(scenario())


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_what_failed_halfway_goes_on_where_it_stopped(tmp_path: Path, method: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await shares(at, OFFER)
            before = len(at.server.messages(ANN))
            at.server.fault(method, times=1, code=503)
            await at.server.user_says(ANN, "keep Acme\ntext: it\nfile: F1")
            await at.server.until(
                lambda: [each for each in at.server.calls_of(method) if "fault" in each.outcome]
            )
            await at.server.until(
                lambda: at.rows("SELECT 1 FROM letter WHERE state = 'due' AND key LIKE 'event%'")
            )
            await at.moved(MONDAY + timedelta(minutes=2))
            await at.said(ANN, before + 2)
            words, files = at.server.messages(ANN)[before:]
            assert (words.text, shown_files(files)) == ("kept for Acme: it", ["offer.pdf"])

    in_loop(scenario())


def test_an_app_that_may_not_send_files_names_them_in_words(tmp_path: Path) -> None:
    """An app that was made before files could be sent; its rights are not gone because of that."""

    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await shares(at, OFFER)
            at.server.scopes = at.server.scopes.replace(",files:write", "")
            shown = await at.tells(ANN, "keep Acme\ntext: it\nfile: F1")
            assert shown.text == "kept for Acme: it\n(file: offer.pdf)" and shown.labels == ["Undo", "Again"]
            assert "Acme" in (await at.tells(ANN, "visit Acme\nresult: ok")).text

    in_loop(scenario())
