"""What the product asks of a workspace: the bot's scopes and the events it hears, for the manifest and the doctor."""

BOT_SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "im:history",
    "users:read",
    "app_mentions:read",
    "files:read",
    "files:write",
)
BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "message.im",
    "app_uninstalled",
    "tokens_revoked",
)
