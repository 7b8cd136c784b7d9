"""Bodies that come in parts: streamed ones out, uploaded ones in."""

from .responses import NO_STORE, text

BLOCKS = 32
LARGEST_UPLOAD = 1024 * 1024
READ_AT_ONCE = 64 * 1024


def blocks():
    """Blocks of 8 kB, each with its number in every line of 8 bytes."""
    for number in range(BLOCKS):
        yield b"%07d\n" % number * 1024


def stream(environ, start_response):
    # No Content-Length: the server has to say in its own way where the body ends.
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), NO_STORE])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else blocks()


def upload(environ, start_response):
    announced = environ.get("CONTENT_LENGTH", "")
    if not announced:
        # PEP 3333: an application must not read past CONTENT_LENGTH, so that without it there is nothing to read.
        return text(environ, start_response, "411 Length Required")
    if not (announced.isascii() and announced.isdecimal()):
        return text(environ, start_response, "400 Bad Request")
    # Compared as text first: Python refuses to make a number of thousands of digits.
    if len(announced) > len(str(LARGEST_UPLOAD)) or int(announced) > LARGEST_UPLOAD:
        return text(environ, start_response, "413 Content Too Large")
    left = int(announced)
    while left > 0:
        block = environ["wsgi.input"].read(min(left, READ_AT_ONCE))
        if not block:
            return text(environ, start_response, "400 Bad Request")
        left -= len(block)
    return text(environ, start_response, "200 OK", f"{int(announced):7d}", [NO_STORE])
