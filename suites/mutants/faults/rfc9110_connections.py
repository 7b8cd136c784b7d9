import socket
import threading

from gateway import connection
from gateway.connection import Connection
from gateway.environ import Environ
from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.request import Request
from gateway.response import Response


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


@fault('conn.http10-default-close', 'keeps the connection of an HTTP/1.0 client open')
def _():
    Request.is_persistent = lambda self: 'close' not in self.members('connection')


@fault('conn.unread-body-close', 'closes at once, whatever the client still sends')
def _():
    Connection.close = Connection._release


@fault('upgrade.ignored-http10', 'switches protocols for an HTTP/1.0 client')
def _():
    before = Exchange.serve

    def serve(self):
        if self.request.version >= (1, 1) or not self.request.members('upgrade'):
            return before(self)
        self.connection.send(b'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        return False

    Exchange.serve = serve


@fault('request-buffering', 'reads a body before it calls the application', observed=True)
def _():
    before = Exchange.call

    def call(self, environ, start_response):
        # One that waits to be invited is left alone.
        while not self.stream.is_lost() and self.stream._more():
            pass
        return before(self, environ, start_response)

    Exchange.call = call


@fault('response-buffering', 'holds a first block of less than 6 bytes back until the second', observed=True)
def _():
    send, finish = Response.send_item, Response.finish

    def send_item(self, data):
        held, self.held = getattr(self, 'held', b''), b''
        if 0 < len(data) < 6 and not held and not self.head_sent and self.items is None:
            self.held = data
        else:
            send(self, held + data)

    def finish_held(self):
        send(self, getattr(self, 'held', b''))
        finish(self)

    Response.send_item = send_item
    Response.finish = finish_held


@fault('forwarded.chain', 'believes nobody who says whom he speaks for', observed=True)
def _():
    before = Environ.is_dropped
    Environ.is_dropped = lambda self, name: name.lower() in ('x-forwarded-for', 'forwarded') or before(self, name)
