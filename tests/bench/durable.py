"""P1 to P3: durable commands, one by one and 32 chats at once, against their own statements and the usual stack."""

from collections.abc import Callable, Sequence

from tests.bench.figure import Figure, Found, over
from tests.bench.rounds import CHATS, FULL, QUICK, Measured, Round, measure

BARS = ("P1", "P2", "P3")
ABOUT = """\
P1 to P3. A command is a visit with a person met, a result and a next step: the raw update is stored and committed, then
answered in a second transaction (permission check, de-duplication, facts for the audit, credit of the week,
buttons), and the reply is rendered to the body of `sendMessage`; nothing leaves the process. The floor replays
the statements the product ran, with their values, on an equal database. The usual stack is a python-telegram-bot
handler with the SQLAlchemy ORM on aiosqlite: person, customer with contacts, visit, step, two counts, one commit."""


async def run(quick: bool, only: Sequence[str]) -> Found:
    """Runs what the bars asked for need."""
    found = await measure(QUICK if quick else FULL, together=list(only) != ["P1"], usual="P3" in only)
    scale = found.scale
    return Found(
        figures=figures(found, only),
        ran=f"P1 to P3: {scale.size.reps} reps in {scale.size.organisations} organisations; WAL, synchronous=FULL, "
        f"foreign keys on; {scale.rounds} rounds of {scale.alone} commands alone, {scale.together} at {CHATS} chats, "
        f"{scale.usual_alone} and {scale.usual_together} of the usual stack; {scale.paced} paced",
        about=ABOUT,
        broken="" if found.same else "the floor did not do the product's work: their databases differ",
    )


def figures(found: Measured, only: Sequence[str]) -> list[Figure]:
    """The bars that were asked for."""

    def micro(value: Callable[[Round], float]) -> str:
        return f"{over(found.rounds, value)[0] * 1e6:.0f} us"

    floor = (
        f"{micro(lambda r: r.floor)} a command: {found.statements:.0f} statements, 2 commits, stdlib sqlite3"
    )
    rows = []
    if "P1" in only:
        value, spread = over(found.rounds, lambda r: r.floor / r.alone)
        rows.append(
            Figure(
                bar="P1",
                what=f"one command after the other ({micro(lambda r: r.alone)})",
                value=value,
                spread=spread,
                least=0.35,
                reference=floor,
            )
        )
    if "P2" in only:
        value, spread = over(found.rounds, lambda r: r.floor / r.together)
        rows.append(
            Figure(
                bar="P2",
                what=f"{CHATS} chats at once ({micro(lambda r: r.together)})",
                value=value,
                spread=spread,
                least=1.0,
                reference="P1's floor",
            )
        )
        value, spread = over(found.rounds, lambda r: r.per_commit)
        rows.append(
            Figure(
                bar="P2",
                what="commands per fsync",
                value=value,
                spread=spread,
                least=8.0,
                reference="commits of the writer",
                unit="a commit",
            )
        )
        late = sorted(found.paced)
        rows.append(
            Figure(
                bar="P2",
                what=f"p99 at {found.rate:.0f} commands/s",
                value=late[int(len(late) * 0.99)] * 1e3,
                spread=(late[len(late) // 2] * 1e3, late[-1] * 1e3),
                most=20.0,
                reference="half the saturated rate, open loop (p50 to worst)",
                unit="ms",
            )
        )
    if "P3" in only:
        value, spread = over(found.rounds, lambda r: r.usual_alone / r.alone)
        rows.append(
            Figure(
                bar="P3",
                what="one after the other",
                value=value,
                spread=spread,
                least=4.0,
                reference=f"PTB + ORM on aiosqlite, {micro(lambda r: r.usual_alone)}",
            )
        )
        value, spread = over(found.rounds, lambda r: r.usual_together / r.together)
        rows.append(
            Figure(
                bar="P3",
                what=f"{CHATS} at once",
                value=value,
                spread=spread,
                least=8.0,
                reference=f"PTB + ORM on aiosqlite, {micro(lambda r: r.usual_together)}",
            )
        )
    return rows
