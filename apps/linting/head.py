"""What is wrong with a status and with response headers: pairs of a rule's id and what was seen."""

import re

# RFC 9110, section 5.6.2; PEP 3333 adds that no punctuation may be last.
NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]*[0-9A-Za-z]\Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
STATUS = re.compile(r"[1-9][0-9][0-9] \S(.*\S)?\Z")
# PEP 3333 refers to RFC 2616, section 13.5.1; the last one is the same in HTTP/1.0.
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "trailers",
    "upgrade",
    "proxy-connection",
}


def faults_of_status(status):
    if type(status) is not str:
        yield "status.form", "the status is %s, which is no str" % shown(status)
    elif not is_latin1(status):
        yield "headers.non-latin1-fatal", "the status is %s" % shown(status)
    elif CONTROL.search(status):
        yield "status.no-control", "the status is %s" % shown(status)
    elif not STATUS.match(status):
        yield "status.form", "the status is %s" % shown(status)


def faults_of_headers(headers):
    if type(headers) is not list:
        yield "headers.list-type", "the headers are of type %s" % type(headers).__name__
    # Anything else might be used up by looking at it.
    if not isinstance(headers, (list, tuple)):
        return
    for header in headers:
        if type(header) is not tuple or len(header) != 2 or not all(type(part) is str for part in header):
            yield "headers.list-type", "a header is %s" % shown(header)
        else:
            yield from faults_of_header(*header)


def faults_of_header(name, value):
    seen = "a header is %s" % shown((name, value))
    if not is_latin1(name + value):
        yield "headers.non-latin1-fatal", seen
    elif not NAME.match(name):
        yield "headers.name-token", seen
    elif CONTROL.search(value):
        yield "headers.value-no-control", seen
    elif name.lower() == "transfer-encoding":
        yield "app.no-transfer-encoding", seen
    elif name.lower() in HOP_BY_HOP:
        yield "hop-by-hop.app-fatal", seen


def values(headers, name):
    """The values of a header, as far as the headers are of a form that can be read."""
    if not isinstance(headers, (list, tuple)):
        return []
    pairs = [header for header in headers if isinstance(header, tuple) and len(header) == 2]
    return [value for key, value in pairs if isinstance(key, str) and key.lower() == name]


def code(status):
    """The status code; 0 when the status has none."""
    found = re.match(r"[0-9]{3}", status) if isinstance(status, str) else None
    return int(found.group()) if found else 0


def bodyless(status):
    return code(status) in (204, 304) or 100 <= code(status) < 200


def is_latin1(text):
    return all(ord(character) < 256 for character in text)


def shown(value):
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
