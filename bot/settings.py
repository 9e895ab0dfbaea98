"""What an operator sets: read once from the environment and `.env`; secrets never print."""

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Misconfigured(Exception):
    """The process cannot run as it is set up; the message says what to change."""


class Settings(BaseSettings):
    """All settings, prefix `DEALPACE_` (product section 10)."""

    model_config = SettingsConfigDict(env_prefix="DEALPACE_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = "sqlite:///dealpace.db"
    telegram_token: SecretStr | None = None
    telegram_api_root: str = "https://api.telegram.org"
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_root: str = "https://slack.com/api/"
    listen: str = "127.0.0.1:8080"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0] or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])
