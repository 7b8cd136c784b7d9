"""Pages of 4096 bytes that caches may keep for a minute."""

import time

from .responses import send, text

KEEP = ("Cache-Control", "max-age=60")
LONGEST_NUMBER = 12

_HEAD = b"<!doctype html>\n<html lang=en>\n<title>A page of 4096 bytes</title>\n"
_LINE = b"<p>The quick brown fox jumps over the lazy dog.\n"


def _filled(beginning):
    return (beginning + _LINE * 100)[:4095] + b"\n"


PAGE = _filled(_HEAD)


def page(environ, start_response):
    return send(environ, start_response, "200 OK", "text/html; charset=utf-8", PAGE, [KEEP])


def numbered_page(environ, start_response):
    """Page N. Who knows when a response was asked for can tell by X-Made-At whether it came out of a cache."""
    number = environ["PATH_INFO"][len("/page/") :]
    # Of ASCII, because other scripts have decimal digits too.
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        return text(environ, start_response, "404 Not Found")
    body = _filled(_HEAD + b"<h1>Page %s</h1>\n" % number.encode("ascii"))
    made = ("X-Made-At", f"{time.time():.6f}")
    return send(environ, start_response, "200 OK", "text/html; charset=utf-8", body, [KEEP, made])
