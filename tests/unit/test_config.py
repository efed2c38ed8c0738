from pathlib import Path
from threading import Barrier, Thread

import pytest
from pydantic import ValidationError

from gridapp.config import Settings, SettingsError, kept_secret, read_settings


@pytest.fixture(autouse=True)
def _own_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GRIDAPP_{name.upper()}", raising=False)
    monkeypatch.setenv("GRIDAPP_INSTANCE", str(tmp_path / "instance"))


def test_a_fresh_instance_needs_no_settings(tmp_path: Path) -> None:
    settings = read_settings()
    assert settings.instance == tmp_path / "instance"
    assert settings.database_url is None
    assert settings.public_url == "http://127.0.0.1:5000"
    assert settings.secure_cookies is False
    assert settings.timezone.key == "Asia/Shanghai"


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = read_settings().secret_key.get_secret_value()
    assert len(first) >= 48
    assert read_settings().secret_key.get_secret_value() == first
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secret_key"]


def test_processes_that_start_together_share_the_secret(tmp_path: Path) -> None:
    together, seen = Barrier(8), []

    def start() -> None:
        together.wait()
        seen.append(kept_secret(tmp_path / "instance").get_secret_value())

    threads = [Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_the_environment_goes_before_the_file_and_the_call_before_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "settings.env").write_text("GRIDAPP_PORT=5001\nGRIDAPP_PUBLIC_URL=https://网格.example\n")
    assert read_settings().port == 5001
    assert read_settings().secure_cookies is True
    monkeypatch.setenv("GRIDAPP_PORT", "5002")
    assert read_settings().port == 5002
    assert read_settings(port=5003).port == 5003


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("TIMEZONE", "Mars/Olympus"),
        ("DEFAULT_LANGUAGE", "fr"),
        ("WORKERS", "0"),
        ("PUBLIC_URL", "example.org"),
        ("CHANGES_WAIT_SECONDS", "-1"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://me@host/name"),
        ("DATABASE_URL", "postgresql://me@host:door/name"),
        ("DATABASE_URL", "postgresql://me@host"),
    ],
)
def test_a_wrong_value_fails_by_the_name_of_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"GRIDAPP_{name}", value)
    with pytest.raises(SettingsError, match=f"GRIDAPP_{name}: .*settings.env"):
        read_settings()


def test_one_wrong_value_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDAPP_PORT", "abc")
    with pytest.raises(SettingsError) as told:
        read_settings()
    assert str(told.value).count("GRIDAPP_") == 1


def test_a_password_in_a_wrong_address_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDAPP_DATABASE_URL", "mysql://me:opensesame@host/name")
    with pytest.raises(SettingsError) as told:
        read_settings()
    assert "opensesame" not in str(told.value)


def test_a_misspelt_name_in_the_file_fails(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "settings.env").write_text("GRIDAPP_PROT=5001\n")
    with pytest.raises(SettingsError, match="GRIDAPP_PROT: there is no such setting"):
        read_settings()


def test_an_instance_that_cannot_be_a_folder_fails_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GRIDAPP_INSTANCE", str(tmp_path / "file"))
    with pytest.raises(SettingsError, match="GRIDAPP_INSTANCE"):
        read_settings()


def test_settings_are_frozen_and_keep_their_secrets_out_of_words() -> None:
    settings = read_settings(demo_password="opensesame")
    with pytest.raises(ValidationError):
        settings.port = 1
    assert "opensesame" not in repr(settings)
    assert settings.secret_key.get_secret_value() not in repr(settings)


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
