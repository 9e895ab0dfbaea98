"""The `dealpace` command."""

import asyncio
import gc
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.logs import configure
from bot.settings import Misconfigured, Settings, read_settings
from domain.installation import CopyFailed

if TYPE_CHECKING:
    from bot.archive import Manifest

app = typer.Typer(
    name="dealpace",
    help="The sales coach that lives in a team's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The database: bring it up to date, or compare it.", no_args_is_help=True)
admin = typer.Typer(help="Access for the person who runs the installation.", no_args_is_help=True)
org = typer.Typer(help="Organisations of this installation.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(admin, name="admin")
app.add_typer(org, name="org")

LanguageOption = Annotated[str, typer.Option(help="en, zh or zh-Hant")]


def _settings() -> Settings:
    settings = read_settings()
    configure(settings.log_format, settings.log_level)
    return settings


@app.command()
def demo(
    language: LanguageOption = "en",
    listen: Annotated[str, typer.Option(help="host:port of the page")] = "127.0.0.1:8080",
    browser: Annotated[bool, typer.Option(help="open the browser")] = True,
) -> None:
    """Opens the playground: a rep, a manager and the team room side by side, with nothing to set up."""
    from bot.web.playground import serve_demo
    from domain.people import Language

    configure("console", "warning")
    host, _, port = listen.rpartition(":")
    today = datetime.now().astimezone().date()
    serve_demo(host or "127.0.0.1", int(port), language=Language(language), open_browser=browser, today=today)


@app.command()
def chat(language: LanguageOption = "en") -> None:
    """Talks to the bot in this terminal, with an embedded database that is gone afterwards."""
    from bot.console.adapter import run_chat
    from domain.people import Language

    configure("console", "warning")
    asyncio.run(run_chat(language=Language(language)))


@app.command()
def run() -> None:
    """Runs the bot on the platforms that are set in the environment or `.env`."""
    # Nothing that modules hold is garbage; `bot.run` looks for it again once all is loaded.
    gc.disable()
    from bot.run import run as serve

    asyncio.run(serve(_settings()))


@app.command()
def doctor() -> None:
    """Checks settings, tokens, database, clock, fonts and ports; exits 1 when anything needs fixing."""
    from bot.clock import WallClock
    from bot.doctor.examination import examine

    configure("console", "error")
    raise typer.Exit(0 if asyncio.run(examine(WallClock(), typer.echo)) else 1)


@app.command()
def replay(
    files: list[Path],
    check: Annotated[bool, typer.Option(help="compare what the bot says with what the file expects")] = False,
    update: Annotated[bool, typer.Option(help="rewrite what the bot says in the file")] = False,
) -> None:
    """Plays `.chat` conversations against a fresh in-memory database and prints them."""
    from bot.script import ScriptError
    from bot.transcript import replay as play

    configure("console", "error")
    failed = False
    for path in files:
        try:
            played = asyncio.run(play(path))
        except (ScriptError, OSError) as error:
            typer.echo(f"{path}: {error}", err=True)
            raise typer.Exit(2) from None
        if update:
            path.write_text(played.text, encoding="utf-8")
        elif not check:
            typer.echo(played.text, nl=False)
        shown = played.differences if check else played.missing
        for difference in shown:
            typer.echo(f"{path}: {difference}", err=True)
        failed = failed or bool(shown)
    raise typer.Exit(1 if failed else 0)


@app.command()
def bench(
    quick: Annotated[bool, typer.Option(help="two minutes, smaller data, the same ratios")] = False,
    only: Annotated[str, typer.Option(help="bars by name, for example P1,P2")] = "",
    write: Annotated[bool, typer.Option(help="write docs/benchmarks.md")] = False,
) -> None:
    """Measures the bars of speed in a checkout; exits non-zero below one."""
    import subprocess

    options = [
        *(["--quick"] if quick else []),
        *(["--only", only] if only else []),
        *(["--write"] if write else []),
    ]
    raise typer.Exit(subprocess.call([sys.executable, "-m", "tests.bench", *options]))


@app.command("slack-manifest")
def slack_manifest(
    http: Annotated[
        str | None,
        typer.Option(help="https address of this server, for Slack to call; without it Socket Mode"),
    ] = None,
) -> None:
    """Prints the app manifest, JSON to paste at api.slack.com/apps under "From a manifest"."""
    from bot.slack.manifest import manifest

    if http and not http.startswith("https://"):
        typer.echo(f"Slack takes https addresses only, not {http}", err=True)
        raise typer.Exit(1)
    typer.echo(json.dumps(manifest(http), indent=2))


@app.command()
def commands() -> None:
    """Prints the page of commands and platforms, as Markdown."""
    from bot.parity import page

    typer.echo(page(), nl=False)


@database.command("upgrade")
def db_upgrade() -> None:
    """Brings the database to this version's tables."""
    from bot.clock import WallClock
    from bot.replicas import upgrade

    upgrade(_settings(), WallClock())
    typer.echo("The database is up to date.")


@database.command("check")
def db_check() -> None:
    """Compares the database with this version's tables; exits 1 when they differ."""
    from bot.app import differences

    found = differences(_settings().database_url)
    for difference in found:
        typer.echo(difference)
    typer.echo("The tables are equal." if not found else "Run: dealpace db upgrade")
    raise typer.Exit(1 if found else 0)


@app.command()
def backup(
    to: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="a new file or a folder; beside the database if none is named"),
    ] = None,
) -> None:
    """Makes a backup of database and files in one file, while the bot runs; no key or token is in it."""
    from bot.app import copies_of
    from bot.backup import back_up
    from bot.clock import WallClock
    from bot.files import Files, folder_of

    settings = _settings()
    copies = copies_of(settings.database_url)
    files = Files(folder_of(settings.database_url, settings.files))
    made = back_up(copies, files, to, WallClock().now())
    typer.echo(f"{made.file}: {summary(made.manifest)}")
    if made.manifest.missing:
        typer.echo(f"{made.manifest.missing} files are not in it: their bytes are gone or damaged.", err=True)


@app.command()
def restore(
    file: Path,
    to: Annotated[
        str, typer.Option(help="database file or address; the installation's own if none is named")
    ] = "",
    files: Annotated[
        Path | None, typer.Option(help="folder for the files; beside the database if none is named")
    ] = None,
) -> None:
    """Makes an installation of a backup where there is none; it starts paused and repeats nothing."""
    from bot.app import copies_of
    from bot.backup import restore as put_back
    from bot.clock import WallClock
    from bot.files import Files, folder_of

    settings = _settings()
    url = (to if "://" in to else f"sqlite:///{to}") if to else settings.database_url
    folder = files or folder_of(url, None if to else settings.files)
    done = put_back(copies_of(url), Files(folder), file, WallClock().now())
    typer.echo(f"restored: {summary(done.manifest)}")
    if done.missing:
        typer.echo(f"{done.missing} files that its records name are not there.", err=True)
    typer.echo(
        "It is paused. When the original is stopped for good: dealpace admin resume, then dealpace run"
    )


def summary(manifest: "Manifest") -> str:
    """What a backup holds, in a line."""
    files = manifest.files - manifest.missing if manifest.with_files else 0
    return (
        f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, revision {manifest.revision}, "
        f"organisations {manifest.organisations}, letters {manifest.letters}, files {files}"
    )


@admin.command("pause")
def admin_pause() -> None:
    """Silence: nothing is received or sent until `dealpace admin resume`; a running bot ends within seconds."""
    from bot.pause import told
    from bot.run import pause

    typer.echo(told(asyncio.run(pause(_settings()))))


@admin.command("resume")
def admin_resume(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Ends a pause; a restored copy says what it will not send, and asks whether the original is stopped."""
    from bot.pause import told, would
    from bot.run import resume, standing
    from domain.installation import Why

    settings = _settings()
    found, withheld = asyncio.run(standing(settings))
    if found.paused is None:
        typer.echo("It is not paused.")
        return
    typer.echo(told(found))
    if found.paused is Why.RESTORED:
        typer.echo(would(withheld))
        if not yes:
            typer.confirm("Is the original stopped for good?", abort=True)
    kept = asyncio.run(resume(settings))
    typer.echo(f"Resumed, letters withheld: {kept}. Now: dealpace run")


@admin.command("owner-code")
def admin_owner_code() -> None:
    """Prints a one-time code; whoever sends it to the bot makes an organisation and is its admin."""
    from bot.run import owner_code

    typer.echo(f"owner code: {asyncio.run(owner_code(_settings()))}")


@admin.command("grant")
def admin_grant(
    organisation: Annotated[int, typer.Argument(help="number of the organisation (dealpace org list)")],
    member: Annotated[int, typer.Argument(help="number of the member (dealpace org members)")],
) -> None:
    """Makes a member an admin, for when the last one is gone."""
    from bot.run import grant

    typer.echo(f"admin: {asyncio.run(grant(_settings(), organisation, member))}")


@admin.command("quarantine")
def admin_quarantine() -> None:
    """Lists the deliveries that could not be handled, the latest first; never what they say."""
    from bot.run import quarantine

    found = asyncio.run(quarantine(_settings()))
    for each in found:
        came = each.received_at.isoformat(timespec="seconds")
        whose = f"organisation {each.org_id}" if each.org_id else "organisation unknown"
        typer.echo(f"{each.reference}  {each.platform}  {came}  {each.fault or 'unknown error'}  {whose}")
    if not found:
        typer.echo("nothing is set aside")


@admin.command("requeue")
def admin_requeue(
    reference: Annotated[str, typer.Argument(help="as dealpace admin quarantine lists it")],
) -> None:
    """Has a delivery that was set aside handled again, by the running bot within half a minute."""
    from bot.run import requeue

    if not asyncio.run(requeue(_settings(), reference)):
        typer.echo(f"nothing is set aside under {reference}; it may have been handled meanwhile", err=True)
        raise typer.Exit(1)
    typer.echo(f"{reference} is handled again; should it fail again, it gets a new reference")


@org.command("new")
def org_new() -> None:
    """Prints a one-time code for one more organisation."""
    admin_owner_code()


@org.command("list")
def org_list() -> None:
    """Lists the organisations of this installation."""
    from bot.run import organisations

    for each in asyncio.run(organisations(_settings())):
        typer.echo(f"{each.id}  {each.name}  {each.zone}")


@org.command("members")
def org_members(organisation: int) -> None:
    """Lists the members of an organisation."""
    from bot.run import members

    for each in asyncio.run(members(_settings(), organisation)):
        typer.echo(f"{each.id}  {each.name}  {', '.join(sorted(each.roles))}")


def main() -> None:
    """The entry point of the console script."""
    try:
        app()
    except Misconfigured as wrong:
        typer.echo(str(wrong), err=True)
        raise SystemExit(wrong.code) from None
    except CopyFailed as failed:
        typer.echo(str(failed), err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
