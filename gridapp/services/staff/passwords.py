"""Passwords set at the desk: long enough, not the usual ones, or made up and shown once (OWASP ASVS 5.0, 6.2)."""

from __future__ import annotations

import secrets

from gridapp.errors import Problem, invalid

LENGTH_MIN, LENGTH_MAX = 8, 200
LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike on paper
GROUPS, GROUP_LENGTH = 4, 4
USUAL = ("password", "passw0rd", "12345678", "87654321", "11111111", "00000000", "88888888", "66666666", "qwertyui")


def made_up() -> str:
    """A password of about 93 random bits in groups that can be read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def check_password(password: str, username: str) -> None:
    """Refuse a password that is guessed at once.

    Raises:
        Problem: ``invalid`` naming ``password``.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise _weak(f"{LENGTH_MIN} to {LENGTH_MAX} characters.", f"须为 {LENGTH_MIN}-{LENGTH_MAX} 个字符。")
    plain = password.lower()
    if username.lower() in plain or any(plain.startswith(usual) for usual in USUAL) or len(set(plain)) < GROUP_LENGTH:
        raise _weak("Too easy to guess. Choose another.", "过于简单，请更换。")


def _weak(en: str, zh: str) -> Problem:
    return invalid(password=("weak", en, zh))
