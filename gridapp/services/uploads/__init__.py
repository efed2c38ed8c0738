"""Photos that arrive in parts: how much of one is here for a person, and the next part of it."""

from gridapp.services.uploads.partials import clear
from gridapp.services.uploads.resuming import Part, State, append, state

__all__ = ["Part", "State", "append", "clear", "state"]
