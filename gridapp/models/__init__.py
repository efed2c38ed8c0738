"""All tables; importing this module fills ``Base.metadata``."""

from gridapp.models.areas import LEVELS, Boundary, Building, Grid, Level, Street, Surface
from gridapp.models.base import Base
from gridapp.models.catalogue import CatalogueEdition, Category, Duty, FilingCondition, Reason
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
from gridapp.models.plans import Plan, PlanChange
from gridapp.models.tasks import Change, FeedState, Photo, PhotoUpload, Task, TaskEvent, TaskPhoto
from gridapp.models.tracks import LastPosition, Position

__all__ = [
    "LEVELS",
    "ROLES",
    "AuditEntry",
    "Base",
    "Boundary",
    "Building",
    "CatalogueEdition",
    "Category",
    "Change",
    "Duty",
    "FeedState",
    "FilingCondition",
    "Grid",
    "LastPosition",
    "Level",
    "Notice",
    "Person",
    "Photo",
    "PhotoUpload",
    "Plan",
    "PlanChange",
    "Position",
    "Post",
    "RateWindow",
    "Reason",
    "Role",
    "Shift",
    "SignInFailure",
    "Street",
    "Surface",
    "Task",
    "TaskEvent",
    "TaskPhoto",
    "Token",
    "Unit",
]
