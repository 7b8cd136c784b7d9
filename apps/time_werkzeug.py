"""The current time, with Werkzeug: the same behaviour as `time_raw`."""

import os
from datetime import datetime, timezone

from werkzeug.wrappers import Request, Response

SERVED = os.environ.get("LAB_HOSTS", "localhost 127.0.0.1").split()


def asked_host(request):
    # Not request.host: newer versions refuse odd values with 400 instead of letting the application decide.
    host = request.environ.get("HTTP_HOST") or request.environ["SERVER_NAME"]
    return host.rsplit(":", 1)[0] if ":" in host and not host.endswith("]") else host


def text_response(status, text):
    response = Response(text, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


@Request.application
def application(request):
    # Not request.path: it folds leading slashes into one.
    if asked_host(request).lower() not in SERVED or request.environ.get("PATH_INFO", "") not in ("", "/"):
        return text_response("404 Not Found", "404 Not Found\n")
    if request.method != "GET":
        return text_response("501 Not Implemented", "501 Not Implemented\n")
    return text_response("200 OK", datetime.now(timezone.utc).isoformat(timespec="seconds") + "\n")
