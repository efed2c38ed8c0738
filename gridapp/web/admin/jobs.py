"""What runs by itself: when each job last ran, what failed, which steps of tasks wait for somebody."""

from __future__ import annotations

from flask import render_template
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.jobs import PERIODIC
from gridapp.services.clockwork import health
from gridapp.web.admin.desk import blueprint, done

STEPS = {
    "route": _l("send by rule"),
    "answer": _l("remind to accept"),
    "yellow": _l("yellow lamp"),
    "red": _l("red lamp"),
    "escalate": _l("escalate"),
    "resume": _l("end a hold"),
    "returned": _l("remind of a return"),
    "assist_answer": _l("remind a unit to accept its part"),
    "assist_yellow": _l("yellow lamp of a part"),
    "assist_red": _l("red lamp of a part"),
    "assist_escalate": _l("send a part one level up"),
}
NAMES = {
    "ensure_partitions": _l("room for positions of the coming days"),
    "prune_feed": _l("shorten the feed of changes"),
    "rehome_due": _l("put redraws in force"),
    "run_due_steps": _l("lamps, escalation, holds, reminders"),
    "hand_over_work": _l("work of those who are away"),
    "write_down_older": _l("write down limits of before they were kept"),
    "tidy_queue": _l("tidy the queue of jobs"),
    "hand_on": _l("hand words on to people and receivers"),
    "send_letters": _l("send e-mail"),
    "prune_deliveries": _l("forget old deliveries"),
    "drop_positions": _l("forget old positions"),
    "make_exports": _l("make exports"),
    "drop_exports": _l("drop old exports"),
    "clear_uploads": _l("clear photos that never arrived whole"),
    "deliver": _l("deliver to a receiver"),
    "expire_checks": _l("end checks that are past their time"),
    "seal": _l("seal the record"),
    "send_heads": _l("send the record's daily seal"),
    "look_at_photos": _l("look photos over"),
    "forget_words": _l("forget old messages and letters"),
    "tell_admissions": _l("tell phones of admissions that begin or end"),
}


@blueprint.get("/jobs")
@permit("rules.read")
def job_list() -> str:
    """Jobs with their last run, failures, and steps put aside."""
    who = principal()
    whole = health.may_see_all(who)
    return render_template(
        "admin/jobs.html",
        jobs=PERIODIC,
        states=health.states(),
        names=NAMES,
        queued=health.queued() if whole else [],
        parked=health.parked(who),
        steps=STEPS,
        whole=whole,
    )


@blueprint.post("/jobs/steps/<int:step_id>/retry")
@permit("rules.write")
def retry_step(step_id: int) -> AnyResponse:
    """Let a step be tried again."""
    health.retry(principal(), step_id)
    return done("admin.job_list", "saved")
