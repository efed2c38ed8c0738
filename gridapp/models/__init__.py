"""All tables; importing this module fills ``Base.metadata``."""

from gridapp.models.areas import LEVELS, Boundary, Building, Grid, Level, Street, Surface
from gridapp.models.base import Base
from gridapp.models.catalogue import CatalogueEdition, Category, Duty, FilingCondition, Reason
from gridapp.models.clocks import (
    CalendarDay,
    CalendarEdition,
    CalendarYear,
    ClockStep,
    ExportOrder,
    JobState,
    Leave,
)
from gridapp.models.joint import Admission, AdmissionApplication, Assist
from gridapp.models.people import (
    ROLES,
    AuditEntry,
    Notice,
    Person,
    Post,
    RateWindow,
    Role,
    Shift,
    SignInFailure,
    Token,
    Unit,
)
from gridapp.models.phones import Alarm, DataKey, HandOver, SignInCode, Stop, StopDone
from gridapp.models.plans import Plan, PlanChange
from gridapp.models.record import DayHead, PhotoFact, Seal, Unsealed
from gridapp.models.routing import CategoryRouting, ChainLink, RoutingRule
from gridapp.models.tasks import Change, FeedState, Photo, PhotoUpload, Task, TaskEvent, TaskPhoto
from gridapp.models.tracks import LastPosition, Position
from gridapp.models.words import Contact, Delivery, DeliveryTry, Letter, Outbox, Receiver

__all__ = [
    "LEVELS",
    "ROLES",
    "Admission",
    "AdmissionApplication",
    "Alarm",
    "Assist",
    "AuditEntry",
    "Base",
    "Boundary",
    "Building",
    "CalendarDay",
    "CalendarEdition",
    "CalendarYear",
    "CatalogueEdition",
    "Category",
    "CategoryRouting",
    "ChainLink",
    "Change",
    "ClockStep",
    "Contact",
    "DataKey",
    "DayHead",
    "Delivery",
    "DeliveryTry",
    "Duty",
    "ExportOrder",
    "FeedState",
    "FilingCondition",
    "Grid",
    "HandOver",
    "JobState",
    "LastPosition",
    "Leave",
    "Letter",
    "Level",
    "Notice",
    "Outbox",
    "Person",
    "Photo",
    "PhotoFact",
    "PhotoUpload",
    "Plan",
    "PlanChange",
    "Position",
    "Post",
    "RateWindow",
    "Reason",
    "Receiver",
    "Role",
    "RoutingRule",
    "Seal",
    "Shift",
    "SignInCode",
    "SignInFailure",
    "Stop",
    "StopDone",
    "Street",
    "Surface",
    "Task",
    "TaskEvent",
    "TaskPhoto",
    "Token",
    "Unit",
    "Unsealed",
]
