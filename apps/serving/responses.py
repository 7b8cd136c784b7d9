"""Whole responses of a known length."""

NO_STORE = ("Cache-Control", "no-store")


def send(environ, start_response, status, content_type, body, headers=()):
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers])
    # The answer to HEAD has the length of the body it does not have.
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def text(environ, start_response, status, line=None, headers=()):
    """A line of text; the status in words when there is nothing more to say."""
    body = ((status[4:] if line is None else line) + "\n").encode("ascii")
    return send(environ, start_response, status, "text/plain; charset=utf-8", body, headers)
