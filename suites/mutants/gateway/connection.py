"""One connection of a client: its requests in order, and its end."""
import socket
import ssl
import struct
import time

from gateway.exchange import IDLE_SECONDS, Exchange
from gateway.message_head import ClientGone, EndOfConnection, Refused
from gateway.request import Request
from gateway.head import error_page

LINGER_SECONDS = 1.0


class Connection:
    def __init__(self, server, client, peer):
        self.server = server
        self.socket = client
        self.peer = peer
        self.local = client.getsockname()
        self.secure = isinstance(client, ssl.SSLSocket)
        client.settimeout(IDLE_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = client.makefile('rb')

    def serve(self):
        try:
            while not self.server.stopping and self.serve_one():
                pass
        except (ClientGone, OSError):
            pass
        finally:
            self.close()

    def serve_one(self):
        """Answers one request; true when another may follow."""
        try:
            request = Request(self.reader)
        except EndOfConnection:
            return False
        except Refused as refusal:
            self.send(error_page(refusal.status, refusal.why, close=True))
            return False
        with self.server.answering():
            return Exchange(self.server, self, request).serve()

    def send(self, data):
        """Returns when the kernel has taken all of it, which goes on sending whatever the application does next."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise ClientGone(str(error)) from None

    def reset(self):
        """Ends the connection so that nobody takes it for the end of a body."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self._release()

    def close(self):
        """In stages (RFC 9112 §9.6): bytes of the client's that nobody read would destroy the answer by a reset."""
        try:
            if self.secure:
                self.socket.settimeout(LINGER_SECONDS)
                self.socket = self.socket.unwrap()  # says that this is the end, and waits for the client to say so
            self.socket.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + LINGER_SECONDS
            while time.monotonic() < deadline:
                self.socket.settimeout(max(0.001, deadline - time.monotonic()))
                if not self.socket.recv(65536):
                    break
        except OSError:
            pass
        self._release()

    def _release(self):
        # The socket stays open for as long as its reader is.
        self.reader.close()
        self.socket.close()
