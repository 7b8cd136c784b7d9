"""Listening: a thread for each connection, until SIGTERM."""
import contextlib
import os
import signal
import socket
import ssl
import threading
import time

from gateway.connection import Connection

GRACE = 3.0
HANDSHAKE_SECONDS = 10


class Server:
    """The gateway as its deployer configured it."""

    def __init__(self, options):
        self.host = options.host
        self.port = options.port
        self.mount = options.mount.rstrip('/')
        self.single_thread = options.single_thread
        self.processes = options.processes
        self.deployer_values = dict(each.split('=', 1) for each in options.set)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if options.tls else None
        if self.tls:
            self.tls.load_cert_chain(*options.tls)
        self.application = None
        self.stopping = False
        self.busy = 0
        self._lock = threading.Lock()
        self._application_lock = threading.Lock()

    @property
    def address(self):
        return self.listener.getsockname()[:2]

    def listen(self):
        self.listener = socket.create_server((self.host, self.port), backlog=128)

    def serve(self):
        signal.signal(signal.SIGTERM, self.stop)
        self.fork()
        try:
            while True:
                self.accept()
        except SystemExit:
            self.finish()
            raise

    def fork(self):
        """Further processes on the same socket. They end with this one, however it ends."""
        ending, held = os.pipe()
        for _ in range(self.processes - 1):
            if os.fork() == 0:
                os.close(held)
                threading.Thread(target=lambda: (os.read(ending, 1), os._exit(0)), daemon=True).start()
                return

    def accept(self):
        client, peer = self.listener.accept()
        threading.Thread(target=self.serve_client, args=(client, peer), daemon=True).start()

    def serve_client(self, client, peer):
        try:
            client = self.secured(client)
        except OSError:
            client.close()
            return
        Connection(self, client, peer).serve()

    def secured(self, client):
        if not self.tls:
            return client
        client.settimeout(HANDSHAKE_SECONDS)
        return self.tls.wrap_socket(client, server_side=True)

    def stop(self, *_):
        raise SystemExit(0)

    def finish(self):
        """Lets answers that have begun come to their end."""
        self.stopping = True
        self.listener.close()
        deadline = time.monotonic() + GRACE
        while self.busy and time.monotonic() < deadline:
            time.sleep(0.01)

    @contextlib.contextmanager
    def answering(self):
        """Around the answer to one request."""
        with self._lock:
            self.busy += 1
        try:
            yield
        finally:
            with self._lock:
                self.busy -= 1

    def turn(self):
        """Around a call of the application, until its result is closed."""
        return self._application_lock if self.single_thread else contextlib.nullcontext()
