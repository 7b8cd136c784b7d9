"""What the workloads ask for: raw WSGI, so that servers are compared and not frameworks.

GET or HEAD of
  /time         the current time as text; no cache may keep it
  /page         4 kB of HTML, always the same; caches may keep it for a minute
  /page/N       the same for page N, 1 to 12 digits, with the time it was made in X-Made-At
  /static/NAME  a file of static/ beside this one, for topologies whose web server does not serve it itself
  /cpu          computes for about 2 ms, then answers what came out
  /wait         sleeps for 20 ms, as if for a database
  /stream       256 kB in 32 blocks, each made when it is asked for, of a length that is not announced
POST of
  /upload       reads a body of 1 MB at most, and answers how long it was

No cache may keep the last four. Another path: 404. Another method: 405. The query is ignored.
"""

import os
import sys

# Whoever loads this file by its path alone need not know of the modules beside it.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from serving.bodies import stream, upload  # noqa: E402
from serving.cacheable import numbered_page, page  # noqa: E402
from serving.files import static  # noqa: E402
from serving.passing_time import cpu, now, wait  # noqa: E402
from serving.responses import text  # noqa: E402

READ = ("GET", "HEAD")
ROUTES = {
    "/time": (now, READ),
    "/page": (page, READ),
    "/cpu": (cpu, READ),
    "/wait": (wait, READ),
    "/stream": (stream, READ),
    "/upload": (upload, ("POST",)),
}


def route(path):
    if path.startswith("/page/"):
        return numbered_page, READ
    if path.startswith("/static/"):
        return static, READ
    return ROUTES.get(path, (None, ()))


def application(environ, start_response):
    respond, methods = route(environ.get("PATH_INFO", ""))
    if respond is None:
        return text(environ, start_response, "404 Not Found")
    if environ["REQUEST_METHOD"] not in methods:
        return text(environ, start_response, "405 Method Not Allowed", headers=[("Allow", ", ".join(methods))])
    return respond(environ, start_response)
