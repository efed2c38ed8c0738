"""What a kind of notice is: its sentences, when there is nothing left to say, and whether it waits for the morning.

A sentence may name ``{number}`` and ``{matter}`` of its task, ``{count}`` and ``{numbers}`` of all tasks that one
message is about, and the parameters that were told with it.
"""

from __future__ import annotations

from dataclasses import dataclass

CLOCK, PART = "clock", "part"
HELD, AT_WORK, REPORTED, ASSISTING, ASKED = "held", "at_work", "reported", "assisting", "asked"
FED_BACK, FIRST = "fed_back", "first"


@dataclass(frozen=True)
class Kind:
    """A kind of notice.

    Attributes:
        en: the sentence about one task.
        zh: the same in Chinese.
        many_en: the sentence where one message is about several tasks.
        many_zh: the same in Chinese.
        until: when it is overtaken, so that there is nothing left to say: ``HELD`` once the person no longer has to
            work on the task, ``AT_WORK`` once nobody has to or another holder's time began, ``REPORTED`` once the desk
            has decided, ``ASSISTING`` once the unit's part that it is about has ended, ``ASKED`` once no extension is
            asked for any more, ``FED_BACK`` once it waits for no review any more, ``FIRST`` once the person's unit
            need not answer any more for what it does not have; None for what stays true.
        family: a later notice of the same family about the same task says more: the earlier one is overtaken.
        urgent: its letter goes out in quiet hours too.
    """

    en: str
    zh: str
    many_en: str = "{count} tasks: {en_one}"
    many_zh: str = "{count} 件任务：{zh_one}"
    until: str | None = None
    family: str | None = None
    urgent: bool = False
