"""One request and its answer: calling the application, iterating over what it returned, closing it."""
import traceback

from gateway import files
from gateway.environ import Environ
from gateway.head import error_page
from gateway.message_head import ClientGone, Refused
from gateway.response import Response
from gateway.streams import Input, report

IDLE_SECONDS = 60
DRAIN_BYTES = 256 * 1024
DRAIN_SECONDS = 2.0


class Exchange:
    def __init__(self, server, connection, request):
        self.server = server
        self.connection = connection
        self.request = request
        self.stream = Input(request, connection.send)
        self.response = Response(request, self.stream, connection.send, self.log)
        self.result = None

    def serve(self):
        """Answers the request; true when the connection can take another."""
        if self.request.path == '*':
            self.send_page('200 OK', 'the server as a whole')
        elif not self.is_mounted():
            self.send_page('404 Not Found', 'nothing is mounted here')
        elif files.path_of(self.request):
            self.send_file(files.path_of(self.request))
        else:
            with self.server.turn():
                self.run()
        return self.response.persistent and self.drain()

    def is_mounted(self):
        rest = self.request.path[len(self.server.mount) :]
        return self.request.path.startswith(self.server.mount) and rest[:1] in ('', '/')

    def run(self):
        try:
            self.result = self.call(self.environ(), self.response.start_response)
            self.iterate(self.result)
            self.response.finish()
            close = self.close_after_success
        except ClientGone as error:
            self.response.persistent = False
            self.log('the client went away: %s' % error)
            close = self.close_after_disconnect
        except Refused as refusal:
            # The application let through what reading a broken body had raised.
            self.fail(refusal.status, refusal.why)
            close = self.close_after_error
        except BaseException:
            self.log_exception(traceback.format_exc())
            self.fail('500 Internal Server Error', 'the application failed')
            close = self.close_after_error
        # After the handlers, so that no exception lives on in them.
        close()

    def environ(self):
        return Environ(self.server, self.connection, self.request, self.stream).build()

    def call(self, environ, start_response):
        return self.server.application(environ, start_response)

    def iterate(self, result):
        self.response.items = self.count(result)
        for item in result:
            self.response.check_block(item)
            self.response.send_item(item)
            if self.response.is_complete():
                break

    def count(self, result):
        """How many items the iterable says it has; None when it does not say."""
        try:
            return None if self.response.head_sent else len(result)
        except (TypeError, AttributeError, NotImplementedError):
            return None

    # How it ends

    def close_after_success(self):
        self.close()

    def close_after_error(self):
        self.close()

    def close_after_disconnect(self):
        self.close()

    def close(self):
        """Of what the application returned, not of an iterator made from it."""
        try:
            close = getattr(self.result, 'close', None)
            if close is not None:
                close()
        except BaseException:
            self.log_exception(traceback.format_exc())

    def fail(self, status, why):
        """Says that no right answer will come: by another one, or when that is too late, by a visible break."""
        if self.response.head_sent:
            self.abort()
        else:
            self.send_page(status, why)

    def abort(self):
        """The end of a body that is not framed is the end of the connection, which must then not look like one."""
        self.response.persistent = False
        if self.response.framing == 'close':
            self.connection.reset()

    def send_page(self, status, text):
        if self.stream.is_lost():
            self.response.persistent = False
        self.stream.answered = True
        try:
            head_only = self.request.method == 'HEAD'
            self.connection.send(error_page(status, text, head_only, close=not self.response.persistent))
        except ClientGone:
            self.response.persistent = False

    def send_file(self, path):
        if self.stream.is_lost():
            self.response.persistent = False
        self.stream.answered = True
        try:
            self.connection.send(files.File(self.request, path).answer(self.response.persistent))
        except ClientGone:
            self.response.persistent = False

    def drain(self):
        """What the application did not read must not be taken for the next request."""
        self.connection.socket.settimeout(DRAIN_SECONDS)
        drained = self.stream.drain(DRAIN_BYTES, DRAIN_SECONDS)
        self.connection.socket.settimeout(IDLE_SECONDS)
        return drained

    def log(self, text):
        report('%s %s: %s\n' % (self.request.method, self.request.target, text))

    def log_exception(self, text):
        self.log(text)
