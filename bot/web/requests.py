"""What a page may ask for: the bodies of its requests."""

from typing import Literal

from pydantic import BaseModel, Field

from domain.people import Language


class Said(BaseModel):
    """What a pane's composer sends."""

    id: str | None = Field(default=None, max_length=64)
    chat: Literal["ann", "boss"]
    text: str = Field(max_length=20_000)


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
