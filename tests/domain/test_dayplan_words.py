"""A quantity of the plan in words: whose, which metric, how much."""

import pytest

from domain.quota import Metric
from handlers.reading.planned import Said, read_quantity


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("calls 8", Said(whose="", metric=Metric.CALLS, quantity=8)),
        ("Bob calls 8", Said(whose="Bob", metric=Metric.CALLS, quantity=8)),
        ("Li Wei key visits 2", Said(whose="Li Wei", metric=Metric.KEY_VISITS, quantity=2)),
        ("rep new_customers 1", Said(whose="rep", metric=Metric.NEW_CUSTOMERS, quantity=1)),
        ("M3 calls", Said(whose="M3", metric=Metric.CALLS)),
        ("M3", Said(whose="M3", metric=None)),
        ("M3 calls 12", Said(whose="M3", metric=Metric.CALLS, quantity=12)),
        ("Bob visits off", Said(whose="Bob", metric=Metric.VISITS, resets=True)),
        ("Bob lunches 3", Said(whose="Bob lunches", metric=None, quantity=3)),
        ("Bob", Said(whose="Bob", metric=None)),
        ("8", Said(whose="", metric=None, quantity=8)),
        ("", Said(whose="", metric=None)),
    ],
)
def test_a_quantity_in_words(words: str, said: Said) -> None:
    assert read_quantity(words) == said
