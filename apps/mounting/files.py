"""A user's static files beside the application, for topologies whose web server does not serve them itself."""

import mimetypes
import os
import stat
from email.utils import formatdate
from wsgiref.util import FileWrapper

# As the web servers of the lab do.
CACHE = ("Cache-Control", "max-age=3600")
BLOCK = 64 * 1024


def beside(application, statics):
    """The application with folders of files: `statics` are pairs of a prefix, `/static/`, and an absolute path."""
    longest_first = sorted(statics, key=lambda pair: -len(pair[0]))
    prefixes = tuple(prefix for prefix, _ in longest_first)

    def with_files(environ, start_response):
        path = environ.get("PATH_INFO", "")
        if not path.startswith(prefixes):
            return application(environ, start_response)
        prefix, folder = next(pair for pair in longest_first if path.startswith(pair[0]))
        return answer(environ, start_response, folder, path[len(prefix) :])

    return with_files


def answer(environ, start_response, folder, name):
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return error(environ, start_response, "405 Method Not Allowed", ("Allow", "GET, HEAD"))
    file = opened(folder, name)
    if file is None:
        return error(environ, start_response, "404 Not Found")
    about = os.fstat(file.fileno())
    kind, encoding = mimetypes.guess_type(name)
    changed = formatdate(about.st_mtime, usegmt=True)
    if environ.get("HTTP_IF_MODIFIED_SINCE") == changed:
        file.close()
        start_response("304 Not Modified", [("Last-Modified", changed), CACHE])
        return []
    headers = [
        # A compressed file is that file, not what is in it.
        ("Content-Type", kind if kind and not encoding else "application/octet-stream"),
        ("Content-Length", str(about.st_size)),
        ("Last-Modified", changed),
        CACHE,
    ]
    start_response("200 OK", headers)
    if environ["REQUEST_METHOD"] == "HEAD":
        file.close()
        return []
    return environ.get("wsgi.file_wrapper", FileWrapper)(file, BLOCK)


def opened(folder, name):
    """The file of that name below the folder, open; None when there is none, or it is not below it."""
    if "\0" in name or any(segment in ("", ".", "..") for segment in name.split("/")):
        return None
    # PEP 3333: a path is bytes that are passed as characters of Latin-1.
    path = os.path.join(os.fsencode(folder), name.encode("latin-1"))
    try:
        # Whatever it is, opening it must not wait for another process.
        file = open(path, "rb", opener=lambda at, flags: os.open(at, flags | os.O_NONBLOCK))
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    return None


def error(environ, start_response, status, *headers):
    text = b"" if environ["REQUEST_METHOD"] == "HEAD" else (status + "\n").encode()
    about = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(status) + 1))]
    start_response(status, about + list(headers))
    return [text]
