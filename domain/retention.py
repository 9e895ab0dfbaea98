"""How long what people said, and what they were told, is kept word for word."""

from datetime import timedelta

# Under a week for deliveries: after a week without updates Telegram begins its numbers anew (platforms 2), and a
# number that is still here would pass for a repetition.
DELIVERIES_KEPT = timedelta(days=6)
LETTERS_KEPT = timedelta(days=30)
