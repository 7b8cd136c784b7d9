"""What the workloads ask for: raw WSGI, so that servers are compared and not frameworks.

GET or HEAD of
  /time         the current time as text; no cache may keep it
  /page         4 kB of HTML, always the same; caches may keep it for a minute
  /static/NAME  a file of static/ beside this one, for topologies whose web server does not serve it itself

Another path: 404. Another method: 405.
"""

import mimetypes
import os
import time
from wsgiref.handlers import format_date_time

STATIC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static")
BLOCK = 64 * 1024

_HEAD = b"<!doctype html>\n<html lang=en>\n<title>A page of 4096 bytes</title>\n"
_LINE = b"<p>The quick brown fox jumps over the lazy dog.\n"
PAGE = (_HEAD + _LINE * 100)[:4095] + b"\n"


class File:
    """Yields a file in blocks and closes it, for servers that offer no wsgi.file_wrapper."""

    def __init__(self, file, block=BLOCK):
        self.file = file
        self.block = block

    def __iter__(self):
        return iter(lambda: self.file.read(self.block), b"")

    def close(self):
        self.file.close()


def application(environ, start_response):
    path = environ.get("PATH_INFO", "")
    if path == "/time":
        respond = now
    elif path == "/page":
        respond = page
    elif path.startswith("/static/"):
        respond = static
    else:
        return text(environ, start_response, "404 Not Found")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return text(environ, start_response, "405 Method Not Allowed", [("Allow", "GET, HEAD")])
    return respond(environ, start_response)


def now(environ, start_response):
    body = time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime()).encode("ascii")
    return send(environ, start_response, "200 OK", "text/plain; charset=utf-8", body, [("Cache-Control", "no-store")])


def page(environ, start_response):
    headers = [("Cache-Control", "max-age=60")]
    return send(environ, start_response, "200 OK", "text/html; charset=utf-8", PAGE, headers)


def static(environ, start_response):
    name = environ["PATH_INFO"][len("/static/") :]
    # Only plain names: no folders, so no way out of this one, and nothing hidden.
    plain = name and not name.startswith(".") and not set(name) & {"/", "\\", "\0"}
    try:
        if not plain or not os.path.isfile(os.path.join(STATIC, name)):
            raise FileNotFoundError(name)
        file = open(os.path.join(STATIC, name), "rb")
    except (OSError, ValueError):
        return text(environ, start_response, "404 Not Found")
    found = os.fstat(file.fileno())
    start_response(
        "200 OK",
        [
            ("Content-Type", mimetypes.guess_type(name)[0] or "application/octet-stream"),
            ("Content-Length", str(found.st_size)),
            ("Last-Modified", format_date_time(found.st_mtime)),
            ("Cache-Control", "max-age=3600"),
        ],
    )
    if environ["REQUEST_METHOD"] == "HEAD":
        file.close()
        return []
    return environ.get("wsgi.file_wrapper", File)(file, BLOCK)


def text(environ, start_response, status, headers=()):
    body = (status[4:] + "\n").encode("ascii")
    return send(environ, start_response, status, "text/plain; charset=utf-8", body, headers)


def send(environ, start_response, status, content_type, body, headers=()):
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers])
    # The answer to HEAD has the length of the body it does not have.
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
