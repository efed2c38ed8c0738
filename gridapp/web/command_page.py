"""The command centre's page and its list, as the page itself and the address of one task both show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request

from gridapp.access import Principal
from gridapp.services import search
from gridapp.services.feeds import watch
from gridapp.services.ground import layers
from gridapp.services.tasking import task_list
from gridapp.web import maps
from gridapp.web.command_forms import SHOWN, filters_of, ids_of

PAGE = 40


def page(who: Principal, panel: Callable[[], dict[str, Any]] = dict) -> str:
    """The whole page, with a task in its panel where one is given; what changes after the cursor comes by stream.

    The panel is read here, after the cursor was taken: what changes in between comes twice rather than not at all.
    """
    cursor = watch.start()
    bounds = layers.bounds(who)
    drawn = maps.compose(bounds, maps.CLUSTERS)
    return render_template(
        "command/index.html",
        cursor=cursor,
        map=drawn,
        bounds=bounds,
        categories=search.category_groups(),
        outcomes=SHOWN,
        **listed(who),
        **panel(),
    )


def listed(who: Principal) -> dict[str, Any]:
    """What the list shows under the filters of the request."""
    filters, after, again = filters_of(request.args), request.args.get("after"), ids_of(request.args)
    found = (
        {"items": task_list.among(who, filters, again), "next": None}
        if again
        else task_list.find(who, filters, after=after, limit=PAGE)
    )
    return {"found": found, "filters": filters, "counts": None if after else task_list.counts(who, filters)}
