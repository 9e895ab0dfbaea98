"""The tables of how people are spoken to: news that wait for the day's message, cards to come again, what is muted."""

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table, text

from storage.columns import WHERE, metadata, number, to, word
from storage.types import Instant

news = Table(
    "news",
    metadata,
    number("org_id"),
    Column("key", String(96), nullable=False),
    number("member_id"),
    Column("kind", String(16), nullable=False),
    word("card"),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    number("change_id", nullable=True),
    Column("told_at", Instant),
    Column("told_on", Date),
    Column("place", Integer),
    PrimaryKeyConstraint("org_id", "key"),
    to("member", "member_id"),
    Index("ix_news_waiting", "org_id", "member_id", info={WHERE: text("told_at IS NULL")}),
    Index("ix_news_told", "org_id", "member_id", "told_on"),
    Index("ix_news_change", "org_id", "change_id"),
    info={"tenant": True},
)
mute = Table(
    "mute",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("kind", String(16), nullable=False),
    # The last day; none is for good.
    Column("until", Date),
    PrimaryKeyConstraint("org_id", "member_id", "kind"),
    to("member", "member_id"),
    info={"tenant": True},
)
snooze = Table(
    "snooze",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("kind", String(16), nullable=False),
    Column("about", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    PrimaryKeyConstraint("org_id", "member_id", "kind"),
    to("member", "member_id"),
    Index("ix_snooze_due_at", "due_at"),
    info={"tenant": True},
)
# How somebody answers a kind: what was sent and not answered yet since `open_at`, and what became of those before.
heeded = Table(
    "heeded",
    metadata,
    number("org_id"),
    number("member_id"),
    Column("kind", String(16), nullable=False),
    Column("acted", Integer, nullable=False),
    Column("ignored", Integer, nullable=False),
    Column("in_a_row", Integer, nullable=False),
    Column("open_at", Instant),
    Column("proposed_on", Date),
    PrimaryKeyConstraint("org_id", "member_id", "kind"),
    to("member", "member_id"),
    info={"tenant": True},
)
