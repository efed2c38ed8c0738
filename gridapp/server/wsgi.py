"""The application as a server calls it."""

import gc
from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from gridapp.app import create_app
from gridapp.server import compression
from gridapp.server.bodies import read_to_the_end
from gridapp.server.nginx import largest_body
from mobile_api.express import Express

app = create_app()
compression.switch_on(app)
long_way = read_to_the_end(partial(Flask.wsgi_app, app), largest_body(app.extensions["settings"]))
app.wsgi_app = Express(app, long_way)  # type: ignore[method-assign]

# Our own nginx is the one hop before: it says who calls, and overwrites what a caller says about that. What is answered
# before Flask does not ask for it.
behind_proxy = Express(app, ProxyFix(long_way, x_for=1, x_proto=1, x_host=1))

# What is loaded now lives as long as the process: the collector need not walk through all of it again and again.
gc.collect()
gc.freeze()
