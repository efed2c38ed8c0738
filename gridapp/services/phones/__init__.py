"""Phones at the desk: codes to sign in by, lost ones locked out, and the keys that seal what lies on them."""

from gridapp.services.phones.codes import Shown, redeem, show
from gridapp.services.phones.desk import Row, lock_out, search
from gridapp.services.phones.keys import key_of

__all__ = ["Row", "Shown", "key_of", "lock_out", "redeem", "search", "show"]
