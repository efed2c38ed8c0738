"""Who may do what: one table of permissions and one of actions, each row alternatives of predicates.

*When* stands in ``gridapp.workflow``. Scope is data here (``Principal.scope_ids``); ``services/scope.py`` turns it
into SQL.
Closed by default: an endpoint without a permission or the word public does not start.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

WORKER, CHIEF, DISPATCHER, REVIEWER = "worker", "chief", "dispatcher", "reviewer"
HANDLER, PLANNER, ADMIN, AUDITOR = "handler", "planner", "admin", "auditor"
ROLES: tuple[str, ...] = (WORKER, CHIEF, DISPATCHER, REVIEWER, HANDLER, PLANNER, ADMIN, AUDITOR)

ROLE_NAMES: dict[str, tuple[str, str]] = {
    WORKER: ("Full-scope grid worker", "全科网格员"),
    CHIEF: ("Community grid chief", "社区网格长"),
    DISPATCHER: ("Dispatcher", "指挥派遣员"),
    REVIEWER: ("Reviewer", "核查评价员"),
    HANDLER: ("Unit handler", "责任单位经办人"),
    PLANNER: ("Grid planner", "网格规划员"),
    ADMIN: ("Administrator", "管理员"),
    AUDITOR: ("Auditor", "审计"),
    "system": ("System", "系统"),
    "resident": ("Resident", "居民"),
}


@dataclass(frozen=True)
class Principal:
    """Who acts: a signed-in person with the areas that they see.

    Attributes:
        person_id: the person; None for the system and for residents.
        role: one of ``ROLES``, or ``system``, ``resident``.
        name: name shown to others.
        scope_ids: ids of the areas whose subtrees are in scope.
        post_ids: posts held now, deputy posts included.
        post_grid_ids: the grids of these posts.
        unit_id: unit of a handler.
        token_id: the sign-in used.
        language: ``zh_CN`` or ``en``.
        skew_ms: how far the clock of the device in use is ahead of ours, where it says its time.
        clock_off: whether that is more than the settings allow.
        calls_left: how many calls this sign-in may still make in this minute; None where this call was not counted.
    """

    person_id: uuid.UUID | None
    role: str
    name: str = ""
    scope_ids: tuple[int, ...] = ()
    post_ids: tuple[uuid.UUID, ...] = ()
    post_grid_ids: tuple[int, ...] = ()
    unit_id: uuid.UUID | None = None
    token_id: uuid.UUID | None = None
    language: str = "zh_CN"
    skew_ms: int | None = None
    clock_off: bool = False
    calls_left: int | None = None


SYSTEM = Principal(person_id=None, role="system", name="系统")


class TaskFacts(Protocol):
    """What a predicate may look at."""

    reporter_id: uuid.UUID | None
    assignee_post_id: uuid.UUID | None
    assignee_unit_id: uuid.UUID | None
    handlers: list[uuid.UUID]
    asked_by: uuid.UUID | None

    @property
    def asked_units(self) -> list[uuid.UUID]:
        """Units that were asked to assist and have not answered yet."""
        ...

    @property
    def assisting_units(self) -> list[uuid.UUID]:
        """Units that assist now."""
        ...


Predicate = Callable[[Principal, TaskFacts], bool]


def _role(*roles: str) -> Predicate:
    def has_role(who: Principal, _task: TaskFacts) -> bool:
        return who.role in roles

    return has_role


def is_reporter(who: Principal, task: TaskFacts) -> bool:
    """The person who reported it."""
    return who.person_id is not None and who.person_id == task.reporter_id


def is_assignee(who: Principal, task: TaskFacts) -> bool:
    """The holder: whoever stands in the post, or a handler of the unit."""
    if task.assignee_post_id is not None:
        return task.assignee_post_id in who.post_ids
    return task.assignee_unit_id is not None and who.role == HANDLER and task.assignee_unit_id == who.unit_id


def is_asked_to_assist(who: Principal, task: TaskFacts) -> bool:
    """A handler of a unit that was asked to assist and has not answered yet."""
    return who.role == HANDLER and who.unit_id in task.asked_units


def is_assisting(who: Principal, task: TaskFacts) -> bool:
    """A handler of a unit that assists now."""
    return who.role == HANDLER and who.unit_id in task.assisting_units


def neither_handled_nor_fed_back(who: Principal, task: TaskFacts) -> bool:
    """Separation of duties of the review."""
    return who.person_id is None or who.person_id not in task.handlers


def is_not_the_asker(who: Principal, task: TaskFacts) -> bool:
    """Separation of duties of the extension."""
    return who.person_id is None or who.person_id != task.asked_by


def is_not_auditor(who: Principal, _task: TaskFacts) -> bool:
    """Everybody in scope but who only reads."""
    return who.role != AUDITOR


_SYSTEM = _role("system")
_DISPATCHER = _role(DISPATCHER)
_CHIEF = _role(CHIEF)
_DESK = _role(DISPATCHER, CHIEF)
_JUDGE = _role(REVIEWER, CHIEF)

ACTIONS: dict[str, tuple[tuple[Predicate, ...], ...]] = {
    "dismiss": ((_DESK,),),
    "merge": ((_DESK,),),
    "assign": ((_DESK,), (_SYSTEM,)),
    "accept": ((is_assignee,),),
    "return": ((is_assignee,),),
    "acknowledge": ((_DESK,),),
    "transfer": ((_DESK,), (_SYSTEM,)),
    "escalate": ((is_assignee,), (_CHIEF,), (_SYSTEM,)),
    "extend": ((is_assignee,),),
    "grant_extension": ((_DESK, is_not_the_asker),),
    "refuse_extension": ((_DESK, is_not_the_asker),),
    "hold": ((_DESK,),),
    "resume": ((_DESK,), (_SYSTEM,)),
    "feedback": ((is_assignee,),),
    "pass": ((_JUDGE, neither_handled_nor_fed_back),),
    "rework": ((_JUDGE, neither_handled_nor_fed_back),),
    "reopen": ((_DISPATCHER,), (_role("resident"), is_reporter)),
    "withdraw": ((is_reporter,),),
    "comment": ((is_not_auditor,),),
    "urge": ((_DESK,),),
    "auto_pass": ((_SYSTEM,),),
    "rehome": ((_SYSTEM,),),
    "rebuild": ((_SYSTEM,),),
    "freeze": ((_SYSTEM,),),
    "assist_freeze": ((_SYSTEM,),),
    "recall": ((_DESK,),),
    "involve": ((_DISPATCHER,),),
    "assist_accept": ((is_asked_to_assist,),),
    "assist_feedback": ((is_assisting,),),
    "assist_decline": ((is_asked_to_assist,), (is_assisting,)),
    "assist_escalate": ((_SYSTEM,),),
    "assist_pass_up": ((_SYSTEM,),),
    "release": ((_DISPATCHER,), (_SYSTEM,)),
    "verify": ((_DESK,),),
    "inspect": ((_DISPATCHER,), (_JUDGE, neither_handled_nor_fed_back), (_SYSTEM,)),
    "check_told": ((_SYSTEM,),),
    "check_answer": ((is_assignee,),),
    "call_off": ((_role(DISPATCHER, CHIEF, REVIEWER),), (_SYSTEM,)),
}

FILERS: dict[str, tuple[str, ...]] = {
    "report": (WORKER, CHIEF, DISPATCHER, HANDLER, "resident"),
    "self_handle": (WORKER,),
    "import": ("system",),
    "check": ("system",),
}

PERMISSIONS: dict[str, tuple[str, ...]] = {
    "session": ROLES,
    "task.read": ROLES,
    "task.report": FILERS["report"][:-1],
    "task.act": tuple(role for role in ROLES if role != AUDITOR),
    "task.call": (WORKER, CHIEF, HANDLER),
    "area.read": ROLES,
    "catalogue.read": ROLES,
    "photo.read": ROLES,
    "photo.add": tuple(role for role in ROLES if role != AUDITOR),
    "feed.read": ROLES,
    "alarm.raise": tuple(role for role in ROLES if role != AUDITOR),
    "alarm.read": tuple(role for role in ROLES if role != WORKER),
    "alarm.acknowledge": (DISPATCHER, CHIEF),
    "duty.own": (WORKER, CHIEF),
    "position.own": (WORKER, CHIEF),
    "position.read": (CHIEF, DISPATCHER, ADMIN, AUDITOR),
    "command.use": (CHIEF, DISPATCHER, REVIEWER, HANDLER, ADMIN, AUDITOR),
    "plan.read": (PLANNER, DISPATCHER, ADMIN, AUDITOR),
    "plan.write": (PLANNER,),
    "people.read": (ADMIN, AUDITOR),
    "people.write": (ADMIN,),
    "receiver.read": (ADMIN, AUDITOR),
    "receiver.write": (ADMIN,),
    "rules.read": (ADMIN, AUDITOR),
    "rules.write": (ADMIN,),
    "people.reveal": (ADMIN, DISPATCHER, CHIEF),
    "admission.read": (HANDLER, DISPATCHER, CHIEF, ADMIN, AUDITOR),
    "admission.apply": (HANDLER,),
    "admission.decide": (ADMIN,),
    "phones.desk": (ADMIN, CHIEF),
    "stop.own": (WORKER, CHIEF),
    "stop.write": (ADMIN, CHIEF),
    "export": (DISPATCHER, ADMIN, AUDITOR, PLANNER),
}


def may(who: Principal, permission: str) -> bool:
    """Whether the role holds the permission; an unknown permission is a programming error and raises KeyError."""
    return who.role in PERMISSIONS[permission]


def may_act(who: Principal, action: str, task: TaskFacts) -> bool:
    """Whether one of the alternatives of the action holds for this person and task."""
    return any(all(p(who, task) for p in row) for row in ACTIONS.get(action, ()))


def role_could(who: Principal, action: str) -> bool:
    """Whether only the separation of duties stands between this person and the action."""
    return action in ("pass", "rework", "grant_extension", "refuse_extension") and who.role in (
        REVIEWER,
        CHIEF,
        DISPATCHER,
    )
