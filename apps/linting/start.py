"""start_response() and write() as the application meets them: they note how they are used and pass it on."""

import types

from linting.head import code, faults_of_headers, faults_of_status, values


class Start:
    """The server's start_response(), watched."""

    def __init__(self, start_response, call):
        self._start_response = start_response
        self._call = call

    def __call__(self, *given, **named):
        call = self._call
        call.reached("app.start-response-positional", "app.start-response-once")
        if named:
            call.broken("app.start-response-positional", "given by keyword: %s" % ", ".join(named))
        arguments = [*given, *named.values()]
        exc_info = arguments[2] if len(arguments) > 2 else None
        if call.starts and exc_info is None:
            call.broken("app.start-response-once", "a second call without exc_info")
        if exc_info is not None:
            self._judge_exc_info(exc_info)
        if len(arguments) >= 2:
            self._judge(arguments[0], arguments[1])
        call.starts += 1
        try:
            write = self._start_response(*given, **named)
        except BaseException:
            if exc_info is not None:
                call.refused = True
                call.reached("app.no-trap-exc-info")
            raise
        return Write(write, call)

    def _judge_exc_info(self, exc_info):
        call = self._call
        call.reached("app.exc-info-tuple")
        if not (
            isinstance(exc_info, tuple)
            and len(exc_info) == 3
            and isinstance(exc_info[1], BaseException)
            and isinstance(exc_info[2], (types.TracebackType, type(None)))
        ):
            call.broken("app.exc-info-tuple", "exc_info is of type %s" % type(exc_info).__name__)

    def _judge(self, status, headers):
        call = self._call
        # A copy: the server may change the application's list.
        call.status, call.headers = status, list(headers) if isinstance(headers, (list, tuple)) else None
        call.reached("status.form", "status.no-control", "headers.list-type")
        call.reached("hop-by-hop.app-fatal", "app.no-transfer-encoding", "headers.non-latin1-fatal")
        if headers:
            call.reached("headers.name-token", "headers.value-no-control")
        for rule, saw in [*faults_of_status(status), *faults_of_headers(headers)]:
            call.broken(rule, saw)
        if code(status) == 204:
            call.reached("app.no-body-status")
            if values(headers, "content-length"):
                call.broken("app.no-body-status", "a Content-Length beside the status 204")


class Write:
    """The server's write(), watched."""

    def __init__(self, write, call):
        self._write = write
        self._call = call

    def __call__(self, data):
        call = self._call
        call.reached("app.no-write-in-iteration")
        if call.iterating:
            call.broken("app.no-write-in-iteration", "write() was called while the next item was asked for")
        call.writes += 1
        took(call, data, "write() was given")
        return self._write(data)


def took(call, data, what):
    """Notes a piece of the body, written or yielded."""
    call.reached("body.bytes-only")
    if type(data) is not bytes:
        call.only_bytes = False
        call.broken("body.bytes-only", "%s %s" % (what, type(data).__name__))
        return
    call.bytes += len(data)
    if not data:
        return
    if call.method == "HEAD":
        call.broken("app.head-body", "%d bytes of body in answer to HEAD" % len(data))
    declared = declared_length(call)
    if declared is not None and call.bytes > declared:
        call.broken("app.content-length-true", "more than the %d bytes that Content-Length declares" % declared)


def declared_length(call):
    """The one Content-Length that is a number; None where that says nothing about the body."""
    found = values(call.headers, "content-length")
    if call.method == "HEAD" or code(call.status) in (204, 304) or len(set(map(str, found))) != 1:
        return None
    text = found[0]
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else None
