"""The container files, as far as files can be checked: settings that exist, ports that meet, images that are pinned."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.run import STOP_SECONDS
from bot.settings import PREFIX, Settings
from tests.rules.sources import PACKAGES, ROOT, none

SETTINGS = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
FILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
BOT: dict[str, Any] = COMPOSE["services"]["bot"]
SERVER: dict[str, Any] = COMPOSE["services"]["postgres"]
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?[\w.-]*")
HARD_END = 25.0


def lines(word: str) -> list[str]:
    """What follows an instruction of the Dockerfile, lines that go on joined."""
    whole = FILE.replace("\\\n", " ")
    return [line.partition(" ")[2].strip() for line in whole.split("\n") if line.startswith(f"{word} ")]


def environment() -> dict[str, str]:
    """What the image sets, as its last stage says."""
    pairs = (pair.partition("=") for line in lines("ENV") for pair in line.split())
    return {name: value for name, _, value in pairs}


def seconds(said: str) -> float:
    found = re.fullmatch(r"(\d+)s", said)
    assert found, said
    return float(found[1])


def test_every_setting_named_is_one() -> None:
    named = {name for name in (*environment(), *BOT["environment"]) if name.startswith(PREFIX)}
    assert named
    assert named <= SETTINGS
    text = FILE + (ROOT / "compose.yaml").read_text(encoding="utf-8")
    none(name for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", text) if name not in SETTINGS)


def test_what_is_set_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of a replica as compose sets them, over those of the image."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environment(), **BOT["environment"]}.items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    found = Settings()
    assert found.replicas == "many"
    assert not found.cannot_replicate
    assert (found.host, found.log_format) == ("0.0.0.0", "json")
    # Without compose: one process, on a file in the volume.
    monkeypatch.delenv("DEALPACE_REPLICAS")
    monkeypatch.setenv("DEALPACE_DATABASE_URL", environment()["DEALPACE_DATABASE_URL"])
    alone = Settings()
    assert alone.replicas == "one"
    [volume] = lines("VOLUME")
    assert alone.database_url == f"sqlite:///{volume}/dealpace.db"
    assert str(alone.files) == f"{volume}/files"


def test_images_and_tools_are_pinned() -> None:
    images = [line.split(" AS ")[0] for line in lines("FROM")] + [BOT["image"], SERVER["image"]]
    none(image for image in images if not PINNED.fullmatch(image))
    assert len(set(lines("FROM")[0].split(" AS ")[:1] + lines("FROM")[1:])) == 1
    assert re.search(r"uv==\d+\.\d+\.\d+", FILE)
    assert not PINNED.fullmatch("postgres:latest")
    assert not PINNED.fullmatch("postgres")


def test_ports_meet() -> None:
    port = environment()["DEALPACE_LISTEN"].rpartition(":")[2]
    assert lines("EXPOSE") == [port]
    [health] = lines("HEALTHCHECK")
    assert f"http://127.0.0.1:{port}/healthz" in health
    assert BOT["environment"]["DEALPACE_LISTEN"] == environment()["DEALPACE_LISTEN"]
    [published] = BOT["ports"]
    host, _, inside = published.rpartition(":")
    assert inside == port
    # One for each replica, and none for the world: a balancer with a certificate stands before them.
    address, first, last = re.fullmatch(r"([\d.]+):(\d+)-(\d+)", host).groups()  # type: ignore[union-attr]
    assert address == "127.0.0.1"
    assert int(last) - int(first) + 1 == BOT["deploy"]["replicas"] == 2


def test_replicas_share_what_they_must() -> None:
    url = BOT["environment"]["DEALPACE_DATABASE_URL"]
    assert "@postgres:5432/dealpace" in url
    assert BOT["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert f"files:{BOT['environment']['DEALPACE_FILES']}" in BOT["volumes"]
    assert {each.split(":")[0] for each in (*BOT["volumes"], *SERVER["volumes"])} == set(COMPOSE["volumes"])


def test_the_bot_s_role_is_bound_by_row_level_security() -> None:
    script = COMPOSE["configs"]["role"]["content"]
    assert "NOSUPERUSER" in script and "NOBYPASSRLS" in script
    assert "CREATE DATABASE dealpace OWNER dealpace" in script
    assert SERVER["configs"][0]["source"] == "role"
    # `$$` is compose's way to leave a variable to the container; one `$` would be its own.
    assert not re.search(r"\$\w", script.replace("$$", ""))


def test_no_secret_stands_in_the_files() -> None:
    """Passwords and tokens come from `.env`, and those of the server do not reach the bot."""
    for service in (BOT, SERVER):
        for name, value in service["environment"].items():
            if "PASSWORD" in name:
                assert value == "" or value.startswith("${")
    assert BOT["env_file"] == ".env"
    assert BOT["environment"]["POSTGRES_PASSWORD"] == ""
    assert not any("TOKEN" in name or "SECRET" in name for name in environment())


def test_the_image_runs_as_nobody_special_and_stops_in_good_order() -> None:
    last = FILE.rpartition("\nFROM ")[2]
    assert last.index("\nUSER dealpace") < last.index("\nENTRYPOINT")
    assert lines("ENTRYPOINT") == ['["dealpace"]']
    assert lines("CMD")[-1] == '["run"]'
    assert STOP_SECONDS < HARD_END < seconds(BOT["stop_grace_period"])


def test_what_is_copied_is_there_and_sent_to_the_builder() -> None:
    sources = [name for line in lines("COPY") if not line.startswith("--from") for name in line.split()[:-1]]
    none(name for name in sources if not (ROOT / name).exists())
    assert set(PACKAGES) <= set(sources)
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert "*" in sent
    assert {line[1:] for line in sent if line.startswith("!")} == set(sources)
    assert {"**/.env", "**/*.db", "**/*.key"} <= set(sent)
