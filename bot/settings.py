"""What an operator sets: read once from the environment and `.env`; secrets never print."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DEALPACE_"
ENV_FILE = ".env"
LAST_PORT = 65535


class Misconfigured(Exception):
    """The process cannot run as it is set up; the message says what to change."""

    # What the process ends with.
    code = 1


class Settings(BaseSettings):
    """All settings, prefix `DEALPACE_` (product section 10)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True)

    database_url: str = "sqlite:///dealpace.db"
    telegram_token: SecretStr | None = None
    telegram_api_root: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_root: str = "https://slack.com/api/"
    listen: str = "127.0.0.1:8080"
    public_url: str | None = None
    files: Path | None = None
    replicas: Literal["one", "many"] = "one"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("files", mode="before")
    @classmethod
    def _some_folder(cls, value: object) -> object:
        """Nothing after the sign is nothing set, not the folder one stands in."""
        return value or None

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        port = value.rpartition(":")[2]
        if not (port.isascii() and port.isdigit() and int(port) <= LAST_PORT):
            raise ValueError("it should be HOST:PORT")
        return value

    @property
    def cannot_replicate(self) -> bool:
        """Whether many replicas are wanted on a database that serves one process only."""
        return self.replicas == "many" and not self.database_url.startswith("postgresql")

    @property
    def slack_by_http(self) -> bool:
        """Whether Slack may call us, signed, besides or instead of a connection that we hold."""
        return bool(self.slack_bot_token and self.slack_signing_secret)

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


def read_settings() -> Settings:
    """The settings of this process. Raises `Misconfigured`, which names what is wrong and shows no value."""
    try:
        return Settings()
    except ValidationError as error:
        found = (f"{PREFIX}{each['loc'][0]}".upper() + f": {each['msg']}" for each in error.errors())
        wrong = "; ".join(found)
    except (OSError, UnicodeDecodeError) as error:
        wrong = f"{ENV_FILE} cannot be read ({type(error).__name__})"
    raise Misconfigured(f"{wrong}. What to do: dealpace doctor")
