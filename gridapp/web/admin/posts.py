"""Posts: who stands in which grid, giving a grid from a day on, ending a post."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal, settings
from gridapp.errors import Problem, invalid
from gridapp.services.staff import leaves, people, posts
from gridapp.services.staff.posts import WHEN, ChangeDraft, EndDraft, PostDraft
from gridapp.timesource import now
from gridapp.web.admin.desk import again, blueprint, done, page_address, page_number, seen_version, typed, words
from gridapp.web.words import day, is_fragment


@blueprint.get("/posts")
@permit("people.read")
def post_list() -> str:
    """Posts held now, coming or past; htmx gets the list alone."""
    when = request.args.get("when", "now")
    page = posts.search(principal(), page_number(), words=words(), when=when if when in WHEN else "now")
    template = "admin/_posts.html" if is_fragment() else "admin/posts.html"
    return render_template(template, page=page, address=page_address)


@blueprint.get("/posts/new")
@permit("people.write")
def new_post() -> str:
    """An empty form, or one with the person or the grid filled in."""
    return _new_form()


@blueprint.post("/posts/new")
@permit("people.write")
def give_post() -> AnyResponse:
    """Give a person a grid from a day on."""
    try:
        draft = typed(PostDraft)
        username = request.form.get("person", "").replace("\0", "").strip()
        if not username:
            raise invalid(person=("missing", "This is needed.", "此项必填。"))
        person = people.person_by_username(principal(), username, "person")
        posts.give_post(principal(), person, draft, settings().timezone)
    except Problem as problem:
        return again(problem, _new_form)
    return done("admin.person", "post_given", person_id=person.id)


@blueprint.get("/posts/<uuid:post_id>")
@permit("people.read")
def post(post_id: uuid.UUID) -> str:
    """One post, with the form that ends it."""
    return post_page(post_id)


@blueprint.get("/posts/<uuid:post_id>/edit")
@permit("people.write")
def edit_post(post_id: uuid.UUID) -> str:
    """The form that puts a post right."""
    return _edit_form(post_id)


@blueprint.post("/posts/<uuid:post_id>/edit")
@permit("people.write")
def save_post(post_id: uuid.UUID) -> AnyResponse:
    """Put a post right that is not over."""
    try:
        posts.change_post(principal(), post_id, seen_version(), typed(ChangeDraft), settings().timezone)
    except Problem as problem:
        return again(problem, lambda wrong: _edit_form(post_id, wrong))
    return done("admin.post", "saved", post_id=post_id)


@blueprint.post("/posts/<uuid:post_id>/end")
@permit("people.write")
def end_post(post_id: uuid.UUID) -> AnyResponse:
    """End a post on a day."""
    try:
        posts.end_post(principal(), post_id, seen_version(), typed(EndDraft), settings().timezone)
    except Problem as problem:
        return again(problem, lambda wrong: post_page(post_id, wrong))
    return done("admin.post_list", "post_ended")


def _new_form(problem: Problem | None = None) -> str:
    today = {"person": request.args.get("person", ""), "grid": request.args.get("grid", ""), "begins": day(now())}
    values: Mapping[str, Any] = request.form if problem else today
    return render_template("admin/post_new.html", values=values, problem=problem)


def _edit_form(post_id: uuid.UUID, problem: Problem | None = None) -> str:
    found = posts.post_in_scope(principal(), post_id)
    ends = found.during.upper
    kept = {"begins": day(found.during.lower), "ends": day(ends) if ends else "", "deputy": found.deputy}
    values: Mapping[str, Any] = request.form if problem and problem.code != "changed_meanwhile" else kept
    return render_template(
        "admin/post_edit.html", post=found, values=values, problem=problem, begun=posts.has_begun(found)
    )


def post_page(post_id: uuid.UUID, problem: Problem | None = None) -> str:
    """The page of a post, with what is wrong in its forms."""
    found = posts.post_in_scope(principal(), post_id)
    return render_template(
        "admin/post.html",
        post=found,
        problem=problem,
        ends=day(now()) if "begins" in request.form else request.form.get("ends") or day(now()),
        over=posts.is_over(found),
        leaves=leaves.of_post(principal(), post_id),
        present=now(),
        values=request.form,
    )
