import socket
import threading

from gateway import connection
from gateway.connection import Connection
from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.request import Request


@fault('conn.keepalive-11', 'closes the connection after every answer')
def _():
    Request.is_persistent = lambda self: False


@fault('conn.close-honoured', 'takes no notice of Connection: close')
def _():
    Request.is_persistent = lambda self: self.version >= (1, 1)


@fault('conn.pipeline-order', 'answers pipelined requests as soon as it can')
def _():
    class Hurried(Exchange):
        def serve(self):
            request = self.request
            if request.length is not None or request.chunked or not request.is_persistent():
                return super().serve()
            threading.Thread(target=self.serve_aside, daemon=True).start()
            return True

        def serve_aside(self):
            if not super().serve():
                self.connection.socket.shutdown(socket.SHUT_RDWR)

    connection.Exchange = Hurried


@fault('conn.pipeline-order', 'answers no request that came before the answer to the one before', observed=True, name='one')
def _():
    before = Connection.serve_one

    def serve_one(self):
        # What came with the request is in the reader's buffer already.
        again = before(self)
        self.reader.close()
        self.reader = self.socket.makefile('rb')
        return again

    Connection.serve_one = serve_one


@fault('expect.100-not-to-10', 'invites the body of an HTTP/1.0 client', also=('expect.http10-exempt',))
def _():
    Request.expects_continue = lambda self: '100-continue' in self.members('expect')
