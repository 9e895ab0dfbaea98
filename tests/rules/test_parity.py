"""The page of commands says what is declared."""

from pathlib import Path

from bot.parity import page
from handlers.registry import registry

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_made_from_the_declarations() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: uv run dealpace commands > docs/commands.md"


def test_every_command_that_is_offered_stands_on_it() -> None:
    shown = page()
    for each in registry().commands.values():
        assert (f"| `/{each.name}` |" in shown) is not each.hidden
