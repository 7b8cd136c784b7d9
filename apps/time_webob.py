"""The current time, with WebOb: the same behaviour as `time_raw`."""

import os
from datetime import datetime, timezone

from webob import Response
from webob.dec import wsgify

SERVED = os.environ.get("LAB_HOSTS", "localhost 127.0.0.1").split()


def text_response(status, text):
    response = Response(status=status, content_type="text/plain", charset="utf-8", text=text)
    response.headers["Cache-Control"] = "no-store"
    return response


@wsgify
def application(request):
    host = request.domain or request.server_name
    # Not request.path_info: it decodes UTF-8 and raises for a path that is none.
    if host.lower() not in SERVED or request.environ.get("PATH_INFO", "") not in ("", "/"):
        return text_response("404 Not Found", "404 Not Found\n")
    if request.method != "GET":
        return text_response("501 Not Implemented", "501 Not Implemented\n")
    return text_response("200 OK", datetime.now(timezone.utc).isoformat(timespec="seconds") + "\n")
