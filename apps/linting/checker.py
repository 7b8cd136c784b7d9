"""The checker: stands between a server and an application and notes which rules the application breaks."""

from linting.body import watched
from linting.call import Call
from linting.start import Start
from linting.streams import Errors, Input


class Checker:
    """A WSGI application that calls another one and writes what it sees. It changes nothing of what that one does."""

    def __init__(self, application, write):
        self._application = application
        self._write = write
        self.last = None

    def __call__(self, environ, start_response):
        call = self.last = Call(environ, self._write)
        call.note("called")
        environ["wsgi.input"] = Input(environ["wsgi.input"], environ, call)
        environ["wsgi.errors"] = Errors(environ["wsgi.errors"], call)
        return watched(call.step(self._application, environ, Start(start_response, call)), call)
