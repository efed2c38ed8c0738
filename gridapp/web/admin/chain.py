"""The escalation chain: who answers at each level, for the whole scope or an area of it."""

from __future__ import annotations

import uuid

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services.drafts import parse
from gridapp.services.ground import areas
from gridapp.services.routing import chain_desk
from gridapp.services.routing.chain_desk import LinkDraft
from gridapp.web.admin.desk import again, blueprint, done, words

ANSWERERS = {
    "worker": _l("the worker of the grid"),
    "chief": _l("the chief of the community"),
    "unit": _l("a unit"),
    "nobody": _l("nobody: the level is passed over"),
}


@blueprint.get("/chain")
@permit("rules.read")
def chain() -> str:
    """The chain as it holds, and what is said of it."""
    return _page()


@blueprint.post("/chain")
@permit("rules.write")
def say_link() -> AnyResponse:
    """Say who answers at a level of an area."""
    try:
        values = {name: request.form.get(name) for name in LinkDraft.model_fields}
        chain_desk.say(principal(), parse(LinkDraft, values))
    except Problem as problem:
        return again(problem, _page)
    return done("admin.chain", "saved")


@blueprint.post("/chain/<uuid:link_id>/drop")
@permit("rules.write")
def drop_link(link_id: uuid.UUID) -> AnyResponse:
    """Let the default hold again."""
    chain_desk.unsay(principal(), link_id)
    return done("admin.chain", "saved")


def _page(problem: Problem | None = None) -> str:
    who = principal()
    code = words("of")
    area = areas.area_by_code(who, code, "of") if code else areas.top(who)
    return render_template(
        "admin/chain.html",
        area=area,
        levels=chain_desk.chain_of(area) if area else [],
        links=chain_desk.links(who),
        answerers=ANSWERERS,
        values=request.form if problem else {},
        problem=problem,
    )
