"""Settings: frozen, from `GRIDAPP_…` or `<instance>/settings.env`, read once; what is wrong fails by name."""

import contextlib
import datetime as dt
import functools
import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "GRIDAPP_"
Language = Literal["zh_CN", "en"]
LogLevel = Literal["debug", "info", "warning", "error"]
DATABASE_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
Count = Annotated[int, Field(ge=1)]


class SettingsError(Exception):
    """A setting is wrong or missing; the text names its variable and the remedy."""


def kept_secret(instance: Path) -> SecretStr:
    """The key of this instance, made at the first start and kept in `secret_key`, readable by its owner alone.

    Two processes that start together end with the same key: the first link wins.
    """
    instance.mkdir(parents=True, exist_ok=True)
    kept = instance / "secret_key"
    if not kept.exists():
        with tempfile.NamedTemporaryFile("w", dir=instance, prefix=".secret_key") as made:  # mode 0600 from the start
            made.write(secrets.token_urlsafe(48))
            made.flush()
            with contextlib.suppress(FileExistsError):
                os.link(made.name, kept)
    return SecretStr(kept.read_text().strip())


def _own_address(known: dict[str, Any]) -> str:
    host = known.get("host", "127.0.0.1")
    return f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{known.get('port', 5000)}"  # noqa: S104


class Settings(BaseSettings):
    """Everything that can be set, with its meaning; `GRIDAPP_` and the name in capitals is the variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    instance: Path = Field(
        Path("instance"), description="folder of everything that the program keeps (only from the environment)"
    )
    database_url: SecretStr | None = Field(
        None,
        description="another PostgreSQL server, postgresql://user:password@host/name; without it the private cluster",
    )
    host: str = Field("127.0.0.1", description="address that the server listens on; 0.0.0.0 for every network")
    port: int = Field(5000, ge=1, le=65535, description="port that the server listens on")
    public_url: str = Field(
        default_factory=_own_address,
        pattern=r"^https?://[^/\s]+",
        description="address under which people reach the server",
    )
    secure_cookies: bool = Field(
        default_factory=lambda known: str(known.get("public_url", "")).startswith("https:"),
        description="cookies over HTTPS only; by default as the public address says",
    )
    workers: Count = Field(
        default_factory=lambda: os.cpu_count() or 1, description="processes that answer requests; by default one a core"
    )
    log_level: LogLevel = Field("info", description="debug, info, warning or error")
    secret_key: SecretStr = Field(
        default_factory=lambda known: kept_secret(known["instance"]),
        description="signs sessions and tokens; without it one is made at the first start and kept in the instance",
    )
    catalogue: Path | None = Field(
        None,
        description="folder or file of a catalogue of one's own, brought into force by gridapp db upgrade; "
        "the program's where not given",
    )
    demo_password: SecretStr | None = Field(
        None, description="password of the demo's accounts; without it one is made up and printed"
    )
    default_language: Language = Field("zh_CN", description="language of those who ask for none: zh_CN or en")
    timezone: ZoneInfo = Field(
        ZoneInfo("Asia/Shanghai"), description="zone in which people read times and calendars run"
    )

    body_max_bytes: Count = Field(1_000_000, description="largest request body, photos apart")
    photo_max_bytes: Count = Field(50_000_000, description="largest photo or film")
    film_max_seconds: Count = Field(
        32, description="longest film or voice note; phones stop at 30 s and recorders round"
    )
    photo_max_pixels: Count = Field(50_000_000, description="largest picture that is decoded, in pixels")
    upload_keep_days: Count = Field(7, description="days that a photo sent in part waits for the rest of it")
    position_keep_days: Count = Field(365, description="days that the positions of people on duty are kept")
    export_keep_days: Count = Field(7, description="days that a made export can be fetched")
    rate_per_minute: Count = Field(60, description="requests a minute and device, photos and positions apart")
    rate_per_second: Count = Field(10, description="requests a second and device at most")
    login_tries: Count = Field(5, description="wrong passwords until an account is locked")
    login_window_minutes: Count = Field(15, description="minutes in which wrong passwords are counted")
    login_lock_minutes: Count = Field(15, description="minutes for which an account is locked")
    sign_in_code_minutes: Count = Field(10, description="minutes in which a phone signs in by a code of the desk")
    token_days: Count = Field(30, description="days that a device's token lives after its last use")
    changes_wait_seconds: int = Field(25, ge=0, le=55, description="longest time that /changes waits for news")
    feed_retention_days: Count = Field(
        30, description="days that the feed of changes is kept; an older cursor starts afresh"
    )
    clock_skew_seconds: Count = Field(120, description="seconds that a phone's clock may differ before it is flagged")
    position_far_m: Count = Field(500, description="metres from the own grid from which on a report is flagged as far")
    position_max_age_days: Count = Field(7, description="days that a phone may send positions late")
    check_hours: Count = Field(4, description="working hours in which a check on the spot is to be answered")

    mail_host: str | None = Field(None, description="mail server that takes letters; without one none are sent")
    mail_port: int = Field(587, ge=1, le=65535, description="port of the mail server")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls from the first byte, or none inside a trusted network"
    )
    mail_user: str | None = Field(None, description="name to sign in with at the mail server, where it asks for one")
    mail_password: SecretStr | None = Field(None, description="password to sign in with at the mail server")
    mail_from: str = Field("gridapp@localhost", description="sender of letters")
    quiet_from: dt.time = Field(dt.time(22), description="local time from which letters that are not urgent wait")
    quiet_until: dt.time = Field(dt.time(7), description="local time until which they wait; the same: never")
    record_to: str | None = Field(
        None, description="mail address that each day's head of the chained record is sent to, to be held elsewhere"
    )
    webhook_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        default_factory=tuple,
        description="private networks in which receivers of webhooks may stand, like 10.1.0.0/16,192.168.7.0/24; "
        "only there may they be without https",
    )
    webhook_keep_days: Count = Field(30, description="days that delivered messages and their tries are kept")
    notice_keep_days: Count = Field(
        180, description="days that notices which were read or overtaken are kept; unread ones stay"
    )
    letter_keep_days: Count = Field(90, description="days that the log of letters which went out is kept")
    job_keep_days: Count = Field(
        30, description="days that failed jobs of the queue, and steps of the clocks of closed tasks, are kept"
    )
    mail_confirm_hours: Count = Field(48, description="hours in which a new e-mail address is to be confirmed")

    @property
    def photos(self) -> Path:
        """Folder of the photos, beside the database."""
        return self.instance / "photos"

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url.get_secret_value())
            known = parts.scheme in DATABASE_SCHEMES and parts.path.strip("/") != "" and parts.port != 0
        except ValueError:  # the port is no number
            known = False
        if not known:
            raise ValueError("write it as postgresql://user:password@host/name")
        return url

    @field_validator("instance")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()


def read_settings(**given: object) -> Settings:
    """Settings from the environment and the instance's `settings.env`; what is given by keyword goes before both.

    Raises:
        SettingsError: a value is wrong, or `settings.env` names a setting that does not exist.
    """
    instance = Path(str(given.get("instance") or os.environ.get(f"{PREFIX}INSTANCE") or "instance")).expanduser()
    values: dict[str, Any] = {"_env_file": instance / "settings.env", "_env_file_encoding": "utf-8", **given}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_in_words(error, instance)) from None
    except OSError as error:
        raise SettingsError(
            f"{PREFIX}INSTANCE: {instance} cannot be used ({error.strerror}): name a folder that may be written"
        ) from None


def _in_words(error: ValidationError, instance: Path) -> str:
    faults = []
    for fault in error.errors(include_url=False):
        if fault["type"] == "default_factory_not_called":
            continue  # what follows from the wrong one
        name = str(fault["loc"][0]).upper() if fault["loc"] else ""
        variable = name if name.startswith(PREFIX) else PREFIX + name
        unknown = fault["type"] == "extra_forbidden"
        faults.append(f"{variable}: {'there is no such setting' if unknown else fault['msg']}")
    return f"{'; '.join(faults)} - correct it in the environment or in {instance / 'settings.env'}"


@functools.cache
def load_settings() -> Settings:
    """The settings of this process, read at the first call (see `read_settings` for the errors)."""
    return read_settings()
