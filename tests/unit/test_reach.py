"""Where receivers may stand, when it is quiet, and signatures as Standard Webhooks publishes them."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gridapp.config import SettingsError, read_settings
from gridapp.services.deliveries import reach, signing
from gridapp.services.words.quiet import after_quiet
from gridapp.services.words.sentences import sentence

PRIVATE = ["127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "fc00::1"]
PRIVATE += [
    "0.1.2.3",
    "100.64.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:7",
    "2002:a00:7::1",
    "224.0.0.1",
    "255.255.255.255",
]
ZONE = ZoneInfo("Asia/Shanghai")


def settings(tmp_path: Path, networks: str = ""):
    return read_settings(instance=tmp_path, webhook_networks=networks)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_receiver_stands_in_a_private_network_that_nobody_named(tmp_path, address):
    with pytest.raises(reach.Unreachable):
        reach.check(settings(tmp_path), ipaddress.ip_address(address), secure=True)


def test_the_operator_can_name_networks(tmp_path):
    named = settings(tmp_path, "10.1.0.0/16, 192.168.7.0/24")
    reach.check(named, ipaddress.ip_address("10.1.2.3"), secure=False)
    for address in ("10.2.0.1", "127.0.0.1"):
        with pytest.raises(reach.Unreachable):
            reach.check(named, ipaddress.ip_address(address), secure=True)


def test_outside_only_https(tmp_path):
    public = ipaddress.ip_address("8.8.8.8")
    reach.check(settings(tmp_path), public, secure=True)
    with pytest.raises(reach.Unreachable):
        reach.check(settings(tmp_path), public, secure=False)


@pytest.mark.parametrize(
    "url",
    ["ftp://a/b", "https://", "http://user:word@host/", "https://host:99999/", "javascript:alert(1)", "https://a/ b"],
)
def test_what_is_no_address_of_a_receiver(url):
    with pytest.raises(reach.Unreachable):
        reach.split(url)


def test_a_name_that_leads_inside_is_refused(tmp_path):
    with pytest.raises(reach.Unreachable, match="private network"):
        reach.look_up(settings(tmp_path), "https://localhost/hooks")


def test_a_wrong_network_is_told_at_the_start(tmp_path):
    with pytest.raises(SettingsError, match="GRIDAPP_WEBHOOK_NETWORKS"):
        settings(tmp_path, "10.1.0.0/99")


def test_signatures_are_those_that_standard_webhooks_publishes():
    at = dt.datetime.fromtimestamp(1614265330, dt.UTC)
    made = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("12:00", "12:00"),
        ("21:59", "21:59"),
        ("22:00", "+07:00"),
        ("23:59", "+07:00"),
        ("00:00", "07:00"),
        ("06:59", "07:00"),
        ("07:00", "07:00"),
    ],
)
def test_letters_wait_until_the_quiet_ends(at, due):
    day = dt.date(2026, 12, 31)
    ready = dt.datetime.combine(day, dt.time.fromisoformat(at), ZONE)
    wanted = dt.datetime.combine(day + dt.timedelta(days=due[0] == "+"), dt.time.fromisoformat(due.strip("+")), ZONE)
    assert after_quiet(ready, dt.time(22), dt.time(7), ZONE) == wanted


def test_hours_that_begin_when_they_end_are_never_quiet():
    ready = dt.datetime(2026, 1, 1, 3, tzinfo=ZONE)
    assert after_quiet(ready, dt.time(7), dt.time(7), ZONE) == ready


def test_a_notice_that_nobody_described_still_says_something():
    assert "#7" in sentence("news_of_tomorrow", {}, [7], None, "en")
    assert "2 件任务" in sentence("news_of_tomorrow", {}, [7, 8], ("Litter", "垃圾"), "zh_CN")
