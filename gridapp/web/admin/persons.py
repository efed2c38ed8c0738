"""Persons: list, add, edit, retire, password, and the phone number in clear for a reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gridapp.access import ROLES
from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services import audit
from gridapp.services.staff import devices, people, posts
from gridapp.services.staff.people import EditDraft, Made, PasswordDraft, PersonDraft, RevealDraft
from gridapp.services.words import contacts
from gridapp.web.admin.desk import again, blueprint, done, page_address, page_number, seen_version, typed, words
from gridapp.web.words import is_fragment, role_choices

LOG_LENGTH = 10


@blueprint.get("/persons")
@permit("people.read")
def persons() -> str:
    """The list of persons; htmx gets the list alone."""
    role, retired = request.args.get("role", ""), request.args.get("state") == "retired"
    page = people.search(principal(), page_number(), words=words(), role=role if role in ROLES else "", retired=retired)
    template = "admin/_persons.html" if is_fragment() else "admin/persons.html"
    return render_template(template, page=page, address=page_address, roles=role_choices())


@blueprint.get("/persons/new")
@permit("people.write")
def new_person() -> str:
    """An empty form."""
    return _new_form()


@blueprint.post("/persons/new")
@permit("people.write")
def add_person() -> str | Response:
    """Add a person; the password that was made up is shown once."""
    try:
        made = people.add_person(principal(), typed(PersonDraft), typed(PasswordDraft).password)
    except Problem as problem:
        return again(problem, _new_form)
    return _made(made)


@blueprint.get("/persons/<uuid:person_id>")
@permit("people.read")
def person(person_id: uuid.UUID) -> str:
    """One person with posts, sign-ins and what was changed last."""
    return _person_page(person_id)


@blueprint.post("/persons/<uuid:person_id>")
@permit("people.write")
def edit_person(person_id: uuid.UUID) -> AnyResponse:
    """Edit a person."""
    try:
        people.edit_person(principal(), person_id, seen_version(), typed(EditDraft))
    except Problem as problem:
        return again(problem, lambda wrong: _person_page(person_id, wrong))
    return done("admin.person", "saved", person_id=person_id)


@blueprint.post("/persons/<uuid:person_id>/retire")
@permit("people.write")
def retire_person(person_id: uuid.UUID) -> AnyResponse:
    """Retire a person."""
    try:
        people.retire_person(principal(), person_id, seen_version())
    except Problem as problem:
        return again(problem, lambda wrong: _person_page(person_id, wrong))
    return done("admin.person", "retired", person_id=person_id)


@blueprint.post("/persons/<uuid:person_id>/password")
@permit("people.write")
def set_password(person_id: uuid.UUID) -> str | Response:
    """Give a new password; one that was made up is shown once."""
    try:
        made = people.set_password(principal(), person_id, typed(PasswordDraft).password)
    except Problem as problem:
        return again(problem, lambda wrong: _person_page(person_id, wrong))
    return _made(made)


@blueprint.post("/persons/<uuid:person_id>/phone")
@permit("people.reveal")
def reveal_phone(person_id: uuid.UUID) -> str:
    """The phone number in clear."""
    number = people.reveal_phone(principal(), person_id, typed(RevealDraft))
    return render_template("admin/phone.html", number=number, person_id=person_id)


def _new_form(problem: Problem | None = None) -> str:
    values: Mapping[str, Any] = request.form if problem else {"role": "worker", "language": "zh_CN"}
    return render_template("admin/person_new.html", values=values, problem=problem, roles=role_choices())


def _made(made: Made) -> str:
    return render_template("admin/person_made.html", person=made.person, password=made.password)


def _person_page(person_id: uuid.UUID, problem: Problem | None = None) -> str:
    """The page; after a wrong field the form keeps what was typed, after somebody else's edit it shows theirs."""
    who = principal()
    found = people.person_in_scope(who, person_id)
    kept = problem is not None and "username" in request.form and problem.status != 412  # noqa: PLR2004
    log = audit.entries(who, kind="person", subject=str(found.id)).items[:LOG_LENGTH]
    return render_template(
        "admin/person.html",
        person=found,
        values=request.form if kept else _values(found),
        problem=problem,
        roles=role_choices(),
        posts=posts.posts_of(who, found),
        devices=devices.search(who, person_id=found.id).items,
        contact=contacts.of_person(found.id),
        log=log,
        actors=audit.actors(log),
    )


def _values(found: Any) -> dict[str, Any]:
    return {
        "username": found.username,
        "name": found.name,
        "role": found.role,
        "scope": found.scope_grid.code,
        "unit": found.unit.code if found.unit else "",
        "titles": "\n".join(found.titles),
        "language": found.language,
    }
