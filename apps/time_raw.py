"""The current time, as raw WSGI. `time_webob` and `time_werkzeug` behave alike, byte for byte.

GET of / on a served host (any port): the time. Another host or path: 404. Another method: 501.
"""

import os
from datetime import datetime, timezone

SERVED = os.environ.get("LAB_HOSTS", "localhost 127.0.0.1").split()


def asked_host(environ):
    # PEP 3333, URL Reconstruction: the server's own name stands in for a missing Host.
    host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
    if ":" in host and not host.endswith("]"):
        host = host.rsplit(":", 1)[0]
    return host.lower()


def answer(environ):
    if asked_host(environ) not in SERVED or environ.get("PATH_INFO", "") not in ("", "/"):
        return "404 Not Found", "404 Not Found\n"
    if environ["REQUEST_METHOD"] != "GET":
        return "501 Not Implemented", "501 Not Implemented\n"
    return "200 OK", datetime.now(timezone.utc).isoformat(timespec="seconds") + "\n"


def application(environ, start_response):
    status, text = answer(environ)
    body = text.encode()
    start_response(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )
    # A server may pass on whatever body it gets, even in answer to HEAD.
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
