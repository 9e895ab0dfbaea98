"""What a page may ask for: the bodies of its requests."""

from typing import Literal

from pydantic import BaseModel, Field

from domain.people import Language
from handlers.charts import Theme


class Said(BaseModel):
    """What a pane's composer sends."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    text: str = Field(max_length=20_000)


class Attached(BaseModel):
    """What stands in the address of a file that is sent: the body is its bytes, or nothing where it is too large."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    name: str = Field(max_length=255)
    size: int = Field(ge=1, lt=2**53)
    caption: str = Field(default="", max_length=4_000)


class Wanted(BaseModel):
    """A file that a message shows: the one of a person's, or one of a card's by its number; a chart in a theme's colours."""

    chat: Literal["ann", "boss", "room"]
    message: str = Field(max_length=32)
    n: int = Field(default=0, ge=0, lt=100)
    theme: Theme = Theme.LIGHT


class Pressed(BaseModel):
    """A button of a card."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    message: str = Field(max_length=32)
    token: str = Field(max_length=64)


class Submitted(BaseModel):
    """A form of a card, filled in."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    message: str = Field(max_length=32)
    token: str = Field(max_length=64)
    values: dict[str, str] = Field(max_length=32)


class Jumped(BaseModel):
    """A button of the clock."""

    jump: Literal["next_push", "hour", "next_day"]


class Restarted(BaseModel):
    """The wish to begin anew."""


class Spoken(BaseModel):
    """The language of the page and of its two speakers."""

    language: Language
