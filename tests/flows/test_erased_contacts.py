"""Of an erased contact no word is left on the cards of a deal, and what was confirmed stays confirmed."""

import asyncio

from bot.layout import plain as plain_lines
from domain.customers import ContactId
from domain.people import Language, OrgId
from domain.ports import Work
from tests.support.house import PLATFORM, house, seat
from tests.support.shown import Keeping, keys_of

DEAL = """/deal new Acme
amount: 800k
close: 30 Apr
next: send quote by Fri"""
VISIT = """/visit Acme
met: Li Wei (CFO)
result: budget confirmed
next: send quote by Fri"""


def erase(work: Work) -> None:
    work.store(OrgId(1)).erase_contact(ContactId(1))


def test_an_erased_contact_has_no_name_on_any_card_and_history_stays() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            at.recorder = kept = Keeping()
            at.app.courier.join(PLATFORM, kept)

            async def card_of(line: str) -> tuple[str, set[str]]:
                await at.says("ann", line)
                shown = kept.everything[-1]
                return "\n".join(plain_lines(shown.card, Language.EN)), keys_of(shown.card)

            for line in (
                DEAL,
                VISIT,
                "/who D1 Li Wei; role: economic, coach; influence: 5; stance: for",
                "/check D1 c1; note: through the plant head; source: Li Wei",
                "/check D1 c1; confirm: Li Wei; source: V1",
            ):
                await at.says("ann", line)
            assert "Li Wei" in (await card_of("/check D1 c1"))[0]
            await at.app.writer.run(erase)
            for line in ("/who D1", "/who D1 K1", "/check D1 c1", "/deal D1 review"):
                said, keys = await card_of(line)
                assert "Li Wei" not in said and "CFO" not in said, said
                assert "who.erased" in keys or "erased contact" in said, said
            # The coach's word still lifts the cap and counts at the gate.
            assert "Confirmed 1C" in (await card_of("/check D1"))[0]
            # Nobody who is gone is offered or can be named; by number they can be taken off.
            said, keys = await card_of("/who D1 K1; role: none")
            assert "who.removed" in keys, said
            assert "erased" not in (await card_of("/who D1"))[0]

    asyncio.run(scenario())
