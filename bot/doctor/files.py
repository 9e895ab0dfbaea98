"""The folder of the files people send: there or to be made, writable, for the bot's user only."""

import asyncio
import os
import shutil
from pathlib import Path

from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.doctor.findings import Finding, fix, hint, ok
from bot.doctor.setup import Reading
from bot.files import folder_of

NAME = "files"
SCARCE_BYTES = 200 * 2**20
MEBIBYTE = 2**20
OTHERS_MAY_OPEN = 0o077


async def examine(reading: Reading) -> list[Finding]:
    """Looks at the folder without making it."""
    if not reading.can_use("files"):
        return []
    settings = reading.settings
    try:
        folder = folder_of(settings.database_url, settings.files)
    except (ArgumentError, NoSuchModuleError):
        # What is wrong with the address of the database is said there.
        return []
    if folder is None:
        return [hint(NAME, "live in a temporary folder, as the database does in memory", "FILES=FOLDER")]
    return await asyncio.to_thread(judge, folder)


def judge(folder: Path) -> list[Finding]:
    """What the folder, or where it would be made, asks of the operator."""
    place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not place.is_dir():
        return [fix(NAME, f"{place} is no folder", "FILES=FOLDER")]
    if not os.access(place, os.W_OK | os.X_OK):
        return [
            fix(NAME, f"{folder} cannot be written", f"let the bot's user write {place}, or FILES=FOLDER")
        ]
    found = []
    free = shutil.disk_usage(place).free
    if free < SCARCE_BYTES:
        what = f"only {free // MEBIBYTE} MiB are free on their disk"
        found.append(fix(NAME, what, "make room: what people send is refused when there is none"))
    if place == folder and (mode := place.stat().st_mode & 0o777) & OTHERS_MAY_OPEN:
        found.append(
            fix(NAME, f"others on this machine may open them (mode {mode:o})", f"chmod 700 {folder}")
        )
    there = "writable" if place == folder else "not there yet: made when the first comes"
    return found or [ok(NAME, f"{folder} {there}")]
