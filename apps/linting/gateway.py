"""A server for one call at a time, without HTTP: it takes all an application gives and complains of nothing."""

import io
import signal
import sys
import time
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

from linting.call import in_words
from linting.head import code

# Longer than an application that works takes; an endless stream is left then.
LIMIT_SECONDS = 5
LIMIT_BYTES = 4 * 1024 * 1024
# What the server puts into the application's own list of headers, when it uses its right to.
MARK = ("X-Lab-Changed", "by the server")


class Overtime(BaseException):
    """The call took longer than the limit. Not an Exception: an application must not take it for one of its own."""


class Upload:
    """A request body with the methods that PEP 3333 lists, and the close() that it warns of: no server owes more."""

    def __init__(self, body):
        stream = io.BytesIO(body)
        self.read = stream.read
        self.readline = stream.readline
        self.readlines = stream.readlines
        self.close = stream.close
        self._stream = stream

    def __iter__(self):
        return iter(self._stream)


class Answer:
    """What came of a call."""

    def __init__(self):
        self.status = None
        self.headers = None
        self.items = 0
        self.plain = False
        self.raised = None
        self.overtime = False
        self.seconds = 0.0

    @property
    def failed(self):
        return self.raised is not None or code(self.status) >= 500

    def in_words(self):
        if self.raised is not None:
            return "it raised %s" % in_words(self.raised)
        if self.overtime:
            return "no end within %d s" % LIMIT_SECONDS
        return "it answered %s" % (self.status,)


def environ_for(method, path, body=b"", **more):
    """An environ as a server makes it that leaves nothing out."""
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "text/plain",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "gateway-lab",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_HOST": "localhost",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "localhost",
        "HTTP_USER_AGENT": "gateway-lab",
        "HTTP_ACCEPT": "*/*",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": Upload(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        **more,
    }


def serve(application, environ, take=None, meddle=False):
    """Calls the application. `take` items at most are asked for; `meddle` changes its list of headers."""
    answer = Answer()
    sent = []

    def start_response(status, response_headers, exc_info=None):
        if exc_info is not None:
            try:
                if sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        answer.status = status
        answer.headers = list(response_headers) if isinstance(response_headers, (list, tuple)) else []
        if meddle and isinstance(response_headers, list):
            response_headers[:] = [MARK]
        return sent.append

    began = time.monotonic()
    before = signal.signal(signal.SIGALRM, overtime)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_SECONDS)
    try:
        run(application, environ, start_response, take, answer, sent)
    except Overtime:
        answer.overtime = True
    except Exception as error:
        answer.raised = error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        answer.seconds = time.monotonic() - began
    return answer


def run(application, environ, start_response, take, answer, sent):
    returned = application(environ, start_response)
    # The checker has noted what cannot be iterated; here it is an empty body.
    if returned is None or not hasattr(returned, "__iter__"):
        return
    answer.plain = getattr(returned, "lab_is_plain", isinstance(returned, (list, tuple)))
    size = 0
    deadline = time.monotonic() + LIMIT_SECONDS / 2
    try:
        items = iter(returned)
        while take is None or answer.items < take:
            try:
                item = next(items)
            except StopIteration:
                break
            answer.items += 1
            if item:
                sent.append(item)
            size += len(item) if hasattr(item, "__len__") else 0
            if size > LIMIT_BYTES or time.monotonic() > deadline:
                break
    finally:
        if hasattr(returned, "close"):
            returned.close()


def overtime(*_):
    raise Overtime()
