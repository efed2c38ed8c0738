"""The application as a server calls it."""

import gc

from werkzeug.middleware.proxy_fix import ProxyFix

from gridapp.app import create_app
from gridapp.server import compression
from gridapp.server.bodies import read_to_the_end
from gridapp.server.nginx import largest_body

app = create_app()
compression.switch_on(app)
app.wsgi_app = read_to_the_end(app.wsgi_app, largest_body(app.extensions["settings"]))  # type: ignore[assignment]

# Our own nginx is the one hop before: it says who calls, and overwrites what a caller says about that.
behind_proxy = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)

# What is loaded now lives as long as the process: the collector need not walk through all of it again and again.
gc.collect()
gc.freeze()
