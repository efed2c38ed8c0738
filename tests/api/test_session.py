"""Signing in with a browser: a cookie that scripts cannot read, the workplace of the role, no way off the site."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from werkzeug.http import parse_cookie

from gridapp.access import ROLES
from gridapp.db import session
from gridapp.doors import COOKIE
from gridapp.models import Token
from gridapp.services import auth
from gridapp.web.session import own_path
from tests.support import database
from tests.support.world import PASSWORD

PAGE = {"Accept": "text/html"}


def sign(client, username="worker_a", password=PASSWORD, **more):
    return client.post("/sign-in", data={"username": username, "password": password, **more}, headers=PAGE)


@pytest.mark.parametrize(
    ("role", "home"),
    [(role, {"worker": "/field", "planner": "/planning", "admin": "/admin"}.get(role, "/command")) for role in ROLES],
)
def test_everybody_lands_at_their_workplace(client, role, home):
    answer = sign(client, f"{role}_a")
    assert (answer.status_code, answer.location) == (303, home)
    start = client.get("/", headers=PAGE)
    assert (start.status_code, start.location) == (303, home)


def test_the_cookie_is_for_this_site_and_not_for_scripts(client):
    cookie = sign(client).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_secure(cluster, peopled, tmp_path):
    settings = database.test_settings(tmp_path / "instance", public_url="https://grid.example")
    with (
        database.scratch_database(cluster, peopled[0]) as name,
        database.app_on(cluster, name, settings) as app,
    ):
        assert "Secure" in sign(app.test_client()).headers["Set-Cookie"]


def test_the_token_is_one_of_a_browser_and_kept_hashed(app, client):
    cookie = sign(client).headers["Set-Cookie"]
    with app.app_context():
        kept = auth.hash_secret(parse_cookie(cookie)[COOKIE])
        assert session.scalars(select(Token.kind).where(Token.secret_hash == kept)).all() == ["browser"]


@pytest.mark.parametrize(("username", "password"), [("worker_a", "wrong"), ("nobody", PASSWORD), ("", ""), ("\0", "x")])
def test_a_wrong_sign_in_comes_back_in_the_form(client, username, password):
    answer = sign(client, username, password)
    assert answer.status_code == 401
    assert 'data-problem="wrong_credentials"' in answer.text
    assert "用户名或密码错误" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_five_wrong_tries_lock_and_the_page_says_so(live_app):
    client = live_app.test_client()
    for _ in range(5):
        sign(client, password="wrong")
    answer = sign(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert 'data-problem="locked"' in answer.text


@pytest.mark.parametrize(
    ("goal", "led"),
    [
        ("/admin/persons?q=x", "/admin/persons?q=x"),
        ("https://evil.example/", "/admin"),
        ("//evil.example/", "/admin"),
        ("/\\evil.example", "/admin"),
        ("/\tadmin", "/admin"),
        ("javascript:alert(1)", "/admin"),
        ("", "/admin"),
    ],
)
def test_after_signing_in_nobody_is_led_off_the_site(client, goal, led):
    assert sign(client, "admin_a", next=goal).location == led


def test_own_paths_alone_are_own():
    assert own_path("/field?x=1#y") == "/field?x=1#y"
    assert own_path(None) == own_path("field") == own_path("///x") == ""


def test_without_a_sign_in_a_page_is_the_sign_in_form_that_leads_back(client):
    answer = client.get("/admin/persons?q=x", headers=PAGE)
    assert answer.status_code == 401
    assert 'action="/sign-in"' in answer.text
    assert 'name="next" value="/admin/persons?q=x"' in answer.text


def test_a_form_sent_without_a_sign_in_leads_back_to_its_page(client):
    came_from = {"Referer": "http://localhost/admin/units/new?x=1"}
    answer = client.post("/admin/units/new", headers={**PAGE, **came_from})
    assert answer.status_code == 401
    assert 'name="next" value="/admin/units/new?x=1"' in answer.text
    elsewhere = client.post("/admin/units/new", headers={**PAGE, "Referer": "https://evil.example/x"})
    assert 'name="next" value="/"' in elsewhere.text


def test_signing_out_ends_the_token_on_the_server(app, client):
    secret = parse_cookie(sign(client, "admin_a").headers["Set-Cookie"])[COOKIE]
    answer = client.post("/sign-out", headers={**PAGE, "Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    thief = app.test_client()
    thief.set_cookie(COOKIE, secret)
    assert thief.get("/", headers=PAGE).status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/language"])
def test_another_site_cannot_post(client, path):
    sign(client, "admin_a")
    answer = client.post(path, headers={**PAGE, "Sec-Fetch-Site": "cross-site"}, data={"lang": "en"})
    assert answer.status_code == 403


def test_the_page_speaks_chinese_until_english_is_chosen(client):
    assert "登录" in client.get("/sign-in").text
    answer = client.post("/language", data={"lang": "en", "next": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    english = client.get("/sign-in").text
    assert 'lang="en"' in english
    assert "Password" in english
    assert client.post("/language", data={"lang": "xx"}).status_code == 400


def test_an_unknown_page_is_told_as_a_page_or_as_a_fragment(client):
    page = client.get("/nowhere", headers=PAGE)
    assert page.status_code == 404
    assert "<html" in page.text
    fragment = client.get("/nowhere", headers={**PAGE, "HX-Request": "true"})
    assert fragment.status_code == 404
    assert "<html" not in fragment.text
    assert 'data-problem="not_found"' in fragment.text


def test_pages_allow_no_foreign_and_no_inline_script(client):
    answer = client.get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe-eval" not in policy
    assert " onclick=" not in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")
