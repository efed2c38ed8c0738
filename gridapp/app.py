"""The application factory: the only file that knows every door."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate

from gridapp import doors
from gridapp.config import Settings, load_settings
from gridapp.db import database_url, db, init_db

PACKAGE = Path(__file__).parent


def create_app(settings: Settings | None = None, *, url: str | None = None) -> Flask:
    """Build the application as a server needs it.

    Args:
        settings: settings to use; read from the environment where None.
        url: database to use instead of the one that the settings lead to.
    """
    app = create_core(settings, url=url)
    app.jinja_env.globals["csp_nonce"] = doors.nonce
    doors.init_doors(app)
    _register_doors(app)
    doors.check_closed(app)
    return app


def create_core(settings: Settings | None = None, *, url: str | None = None) -> Flask:
    """The application without its doors, as commands and jobs need it: settings, database and languages.

    Half of the time in which a command starts would go into pages that it never shows.
    """
    settings = settings or load_settings()
    app = Flask("gridapp", template_folder=str(template_folder()), static_folder=str(PACKAGE / "static"))
    _configure(app, settings)
    init_db(app, url or database_url(settings))
    _configure_migrations(app)
    _configure_languages(app)
    return app


def template_folder() -> Path:
    """Templates lie beside the package in a checkout and inside it in a wheel: the first that exists."""
    return next(p for p in (PACKAGE / "templates", PACKAGE.parent / "templates") if p.is_dir())


def _configure(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.config["SECRET_KEY"] = settings.secret_key.get_secret_value()
    app.config["MAX_CONTENT_LENGTH"] = settings.body_max_bytes
    app.config["TEMPLATES_AUTO_RELOAD"] = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]


def _configure_migrations(app: Flask) -> None:
    Migrate(app, db, directory=str(PACKAGE / "migrations"), compare_type=True)


def _configure_languages(app: Flask) -> None:
    # A room that is not compiled would bring its own, wrong plural rule for all of them.
    rooms = sorted({mo.parents[2] for mo in (PACKAGE / "translations").glob("*/*/LC_MESSAGES/messages.mo")})
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(room) for room in rooms)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    Babel(app, locale_selector=lambda: _locale(doors.language()))


@cache
def _locale(language: str) -> Locale:
    """The locale under the name that its translations lie under: Babel would look for ``zh_Hans_CN``."""
    locale = Locale.parse(language)
    locale.script = None
    return locale


def _register_doors(app: Flask) -> None:
    from gridapp import web  # noqa: PLC0415  # the doors import services, which need nothing of this file
    from mobile_api import blueprint  # noqa: PLC0415
    from mobile_api.express import Express  # noqa: PLC0415

    web.register(app)
    app.register_blueprint(blueprint)
    app.wsgi_app = Express(app, app.wsgi_app)  # type: ignore[method-assign]
