"""Files of `static/`, for topologies whose web server does not serve them itself."""

import mimetypes
import os
from wsgiref.handlers import format_date_time

from .responses import text

STATIC = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "static")
BLOCK = 64 * 1024


class File:
    """Yields a file in blocks and closes it, for servers that offer no wsgi.file_wrapper."""

    def __init__(self, file, block=BLOCK):
        self.file = file
        self.block = block

    def __iter__(self):
        return iter(lambda: self.file.read(self.block), b"")

    def close(self):
        self.file.close()


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
