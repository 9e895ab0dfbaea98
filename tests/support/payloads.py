"""The legality of outgoing payloads: the door to what both platforms would say."""

from tests.support.slack_payloads import slack_problems
from tests.support.telegram_payloads import telegram_problems

__all__ = ["slack_problems", "telegram_problems"]
