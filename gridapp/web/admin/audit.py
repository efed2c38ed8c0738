"""The audit list: who read or changed what."""

from __future__ import annotations

from flask import render_template, request

from gridapp.doors import permit, principal
from gridapp.services import audit
from gridapp.web.admin.deeds import subject
from gridapp.web.admin.desk import blueprint, page_address, page_number, words
from gridapp.web.words import is_fragment

KINDS = ("person", "post", "unit", "token", "receiver", "catalogue")


@blueprint.get("/audit")
@permit("people.read")
def audit_list() -> str:
    """Entries about what is in scope, newest first; htmx gets the list alone."""
    kind = request.args.get("kind", "")
    page = audit.entries(
        principal(), page_number(), words=words(), kind=kind if kind in KINDS else "", subject=words("subject")
    )
    template = "admin/_audit.html" if is_fragment() else "admin/audit.html"
    return render_template(
        template,
        page=page,
        address=page_address,
        actors=audit.actors(page.items),
        areas=audit.areas(page.items),
        kinds=[(one, subject(one)) for one in KINDS],
    )
