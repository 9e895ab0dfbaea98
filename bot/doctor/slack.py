"""The Slack app as its tokens show it: known, with the scopes the product needs, and able to connect."""

from bot.doctor.asking import Answer, Asking, Unanswered
from bot.doctor.findings import Finding, fix, hint, ok
from bot.doctor.setup import APP_TOKEN_PLACE, BOT_TOKEN_PLACE, Reading
from bot.slack.scopes import BOT_SCOPES

NAME = "slack"
GRANTED = "x-oauth-scopes"
UNREACHED = "check the network, proxy and firewall, and SLACK_API_ROOT"
INSTALL = "install the app to the workspace, then copy the token anew: "
# What Slack's refusals ask of the operator; any other is shown as it came.
BOT_REMEDIES = {
    "invalid_auth": BOT_TOKEN_PLACE,
    "not_authed": BOT_TOKEN_PLACE,
    "not_allowed_token_type": BOT_TOKEN_PLACE,
    "account_inactive": INSTALL + BOT_TOKEN_PLACE,
    "token_revoked": INSTALL + BOT_TOKEN_PLACE,
    "token_expired": "make an app without token rotation; " + BOT_TOKEN_PLACE,
}
APP_REMEDIES = {
    "invalid_auth": APP_TOKEN_PLACE,
    "not_authed": APP_TOKEN_PLACE,
    "not_allowed_token_type": APP_TOKEN_PLACE,
    "token_revoked": APP_TOKEN_PLACE,
    "missing_scope": "give the app-level token the scope connections:write",
}
SOCKET_MODE = "turn Socket Mode on: api.slack.com/apps, Socket Mode"
LATER = "try again in a minute"


async def examine_bot(reading: Reading, asking: Asking) -> list[Finding]:
    """The bot token and the scopes it was granted."""
    settings = reading.settings
    if not settings.slack_bot_token or not reading.can_use("slack_bot_token", "slack_api_root"):
        return []
    token = settings.slack_bot_token.get_secret_value()
    try:
        me = await asking.ask("Slack", f"{settings.slack_api_root}auth.test", token)
    except Unanswered as failure:
        return [fix(NAME, str(failure), UNREACHED)]
    if not me.is_ok:
        return [fix("SLACK_BOT_TOKEN", f"Slack refuses it: {me.error}", BOT_REMEDIES.get(me.error, LATER))]
    return [ok(NAME, f"{me.body.get('user')} answers in {me.body.get('team')}"), _scopes(me)]


def _scopes(me: Answer) -> Finding:
    if GRANTED not in me.headers:
        return hint(
            NAME, "Slack did not say which scopes are granted", "compare with dealpace slack-manifest"
        )
    granted = {each.strip() for each in me.headers[GRANTED].split(",")}
    missing = [each for each in BOT_SCOPES if each not in granted]
    if not missing:
        return ok(NAME, f"all {len(BOT_SCOPES)} scopes are granted")
    remedy = "api.slack.com/apps, OAuth & Permissions: add, then reinstall the app (dealpace slack-manifest)"
    return fix(NAME, f"missing scopes: {', '.join(missing)}", remedy)


async def examine_connection(reading: Reading, asking: Asking) -> list[Finding]:
    """The app-level token, by asking for a connection that is then not made."""
    settings = reading.settings
    if not settings.slack_app_token or not reading.can_use("slack_app_token", "slack_api_root"):
        return []
    token = settings.slack_app_token.get_secret_value()
    try:
        answer = await asking.ask("Slack", f"{settings.slack_api_root}apps.connections.open", token)
    except Unanswered as failure:
        return [fix(NAME, f"Socket Mode: {failure}", UNREACHED)]
    if answer.is_ok:
        return [ok(NAME, "Socket Mode opens")]
    what = f"no Socket Mode connection with it: {answer.error}"
    return [fix("SLACK_APP_TOKEN", what, APP_REMEDIES.get(answer.error, SOCKET_MODE))]
