"""Dispatch advice: who is best placed to take a task, with the reasons in words, and what was chosen after it."""

from gridapp.services.advice.advising import advise, best
from gridapp.services.advice.record import STALE, beside, seal, unseal

__all__ = ["STALE", "advise", "beside", "best", "seal", "unseal"]
