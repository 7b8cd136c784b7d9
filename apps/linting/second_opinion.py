"""What wsgiref.validate says of the application, as rules of PEP 3333."""

import os
import re
import traceback
import warnings
from wsgiref import validate

from linting.gateway import environ_for, serve
from linting.situations import FORM

# What is left out, or has None, asks for more than the specification does: read() may come without a size, a first
# item that is empty needs no start_response(), a response without a body no Content-Type (and a 304 may have one),
# names may have other characters than it allows. What is returned the checker judges itself: write() matters for it.
RULES = (
    (r"Bad header name|The Status header|Content-Type header", None),
    (r"No keyword arguments|Invalid number of arguments", "app.start-response-positional"),
    (r"Status", "status.form"),
    (r"of type list|of type tuple|Header (name|value) must be", "headers.list-type"),
    (r"may not contain|may not end", "headers.name-token"),
    (r"Bad header value", "headers.value-no-control"),
    (r"exc_info", "app.exc-info-tuple"),
    (r"non-bytestring", "body.bytes-only"),
    (r"must not be called", "app.streams-only-listed"),
)


def second_opinion(application, path, call):
    """Runs the application under wsgiref.validate and notes what that says."""
    for method, body in (("GET", b""), ("POST", FORM)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = serve(validate.validator(application), environ_for(method, path, body))
        error = answer.raised
        if not isinstance(error, AssertionError):
            continue
        last = traceback.extract_tb(error.__traceback__)[-1]
        if os.path.basename(last.filename) != "validate.py":
            continue
        said = str(error)
        rule = next((rule for pattern, rule in RULES if re.search(pattern, said)), None)
        if rule is not None:
            call.broken(rule, "wsgiref.validate on %s: %s" % (method, said[:160]))
