"""Where a request's body comes from: bytes up to a length, or chunks, by the letter of RFC 9112."""
import re

from gateway.message_head import Refused

BLOCK = 65536
LINE_LIMIT = 16 * 1024
CHUNK_LINE = re.compile(rb'([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?')


class Counted:
    """A body of a known length; one of none when the request has no body."""

    def __init__(self, reader, length):
        self.reader = reader
        self.left = length

    def some(self):
        """The next bytes, at least one; none only at the end."""
        data = self.reader.read1(min(self.left, BLOCK)) if self.left else b''
        if self.left and not data:
            raise Refused('400 Bad Request', 'the body ended before its Content-Length')
        self.left -= len(data)
        return data


class Chunked:
    """A body in chunks: extensions are ignored, trailers read and dropped."""

    def __init__(self, reader):
        self.reader = reader
        self.left = 0  # bytes of this chunk
        self.ended = False
        self.within = False

    def some(self):
        if not self.left and not self.ended:
            self.next_chunk()
        if self.ended:
            return b''
        data = self.reader.read1(min(self.left, BLOCK))
        if not data:
            raise Refused('400 Bad Request', 'the body ended within a chunk')
        self.left -= len(data)
        return data

    def next_chunk(self):
        if self.within and self.line() != b'':
            raise Refused('400 Bad Request', 'a chunk longer than its size')
        self.left = self.chunk_size(self.line())
        self.within = True
        if self.left == 0:
            self.ended = True
            while self.line():
                pass

    def line(self):
        line = self.reader.readline(LINE_LIMIT)
        if not line.endswith(b'\r\n'):
            raise Refused('400 Bad Request', 'a line of a chunked body without CR LF')
        return line[:-2]

    def chunk_size(self, line):
        match = CHUNK_LINE.fullmatch(line)
        if not match:
            raise Refused('400 Bad Request', 'a chunk without a valid size')
        return int(match.group(1), 16)
