"""What the application reads the request's body from and writes its errors to: `wsgi.input` and `wsgi.errors`."""
import sys
import time

from gateway.bodies import Chunked, Counted
from gateway.message_head import Refused


class Input:
    """`wsgi.input`. It ends where the body ends, however long the client keeps the connection open."""

    def __init__(self, request, send):
        self._body = Chunked(request.reader) if request.chunked else Counted(request.reader, request.length or 0)
        self._buffer = b''
        self._ended = not request.chunked and not request.length
        self._broken = False
        self._send = send
        self._invites = request.expects_continue() and not self._ended
        self.answered = False  # set once the head of the final response is on its way

    def read(self, size=-1):
        if size is None or size < 0:
            while self._more():
                pass
            return self._take(len(self._buffer))
        while len(self._buffer) < size and self._more():
            pass
        return self._take(size)

    def readline(self, size=-1):
        limit = sys.maxsize if size is None or size < 0 else size
        while b'\n' not in self._buffer and len(self._buffer) < limit and self._more():
            pass
        newline = self._buffer.find(b'\n')
        return self._take(min(limit, len(self._buffer) if newline < 0 else newline + 1))

    def readlines(self, hint=-1):
        lines, total = [], 0
        while True:
            line = self.readline()
            if not line:
                return lines
            lines.append(line)
            total += len(line)
            if hint and 0 < hint <= total:
                return lines

    def __iter__(self):
        return iter(self.readline, b'')

    def _take(self, size):
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _more(self):
        """Reads a bit more of the body; false at its end."""
        if self._ended:
            return self._past_end()
        if self._broken:
            raise Refused('400 Bad Request', 'the body is broken')
        self._invite()
        self._broken = True  # unless the next lines end well
        try:
            data = self._body.some()
        except OSError as error:
            raise Refused('408 Request Timeout', 'the body did not come: %s' % error) from None
        self._broken = False
        self._ended = data == b''
        self._buffer += data
        return not self._ended

    def _past_end(self):
        return False

    def _invite(self):
        """Sends 100 (Continue) when the application first reads what the client holds back."""
        if self._invites and not self.answered:
            self._send(b'HTTP/1.1 100 Continue\r\n\r\n')
        self._invites = False

    def is_lost(self):
        """Whether where the body ends can no longer be known: it is broken, or held back by a client nobody asked."""
        return self._broken or self._invites

    def drain(self, limit, seconds):
        """Reads what the application left; false when that is too much, too slow or broken."""
        deadline = time.monotonic() + seconds
        self._buffer = b''
        while not self._ended:
            limit -= len(self._buffer)
            self._buffer = b''
            if self.is_lost() or limit < 0 or time.monotonic() > deadline:
                return False
            try:
                self._more()
            except Refused:
                return False
        return True


def report(text):
    """To the gateway's log, standard error: no character is an error, and nobody needs to flush."""
    sys.stderr.buffer.write(text.encode('utf-8', 'backslashreplace'))
    sys.stderr.buffer.flush()


class ErrorStream:
    """`wsgi.errors`, which leads to the gateway's own log."""

    def write(self, text):
        report(text)

    def writelines(self, texts):
        self.write(''.join(texts))

    def flush(self):
        sys.stderr.buffer.flush()
