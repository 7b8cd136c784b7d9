from gateway.bodies import Chunked
from gateway.connection import Connection
from gateway.environ import Environ
from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.message_head import Refused
from gateway.request import Request


def keep_after(why):
    """Makes the gateway keep the connection on which it refused a request for this reason."""
    serve_one, send = Connection.serve_one, Connection.send

    def serve(self):
        self.kept = False
        return serve_one(self) or self.kept

    def sent(self, data):
        if data.endswith(why.encode('ascii') + b'\n'):
            self.kept = True
            self.reader.read1(65536)  # the body, so that it is not the next request
            data = data.replace(b'Connection: close\r\n', b'')
        send(self, data)

    Connection.serve_one, Connection.send = serve, sent


@fault('cl.duplicate-differs', 'takes the first of several Content-Lengths')
def _():
    def content_length(self):
        lengths = self.values('content-length')
        for length in lengths:
            self.check_length(length)
        return int(lengths[0]) if lengths else None

    Request.content_length = content_length


@fault('cl.duplicate-differs', 'keeps the connection after it refused two Content-Lengths', name='open')
def _():
    keep_after('more than one Content-Length')


@fault('cl.duplicate-differs', 'gives the application both of two equal Content-Lengths', name='both')
def _():
    content_length, body = Request.content_length, Environ.body

    def first(self):
        self.lengths = self.values('content-length')
        if len(set(self.lengths)) == 1:
            self.fields = [each for each in self.fields if each[0].lower() != 'content-length']
            self.fields.append(('Content-Length', self.lengths[0]))
        return content_length(self)

    def both(self):
        return {**body(self), **({'CONTENT_LENGTH': ', '.join(self.request.lengths)} if self.request.lengths else {})}

    Request.content_length, Environ.body = first, both


@fault('cl.list-form', 'takes the first length of a list')
def _():
    before = Request.check_length

    def content_length(self):
        lengths = self.values('content-length')
        if len(lengths) > 1:
            raise Refused('400 Bad Request', 'more than one Content-Length')
        for length in lengths:
            before(self, length.partition(',')[0])
        return int(lengths[0].partition(',')[0]) if lengths else None

    Request.content_length = content_length


@fault('te.in-http10', 'takes chunks in HTTP/1.0, and another request after them')
def _():
    is_chunked, is_persistent = Request.is_chunked, Request.is_persistent

    def as_if_newer(self):
        version, self.version = self.version, (1, 1)
        try:
            return is_chunked(self)
        finally:
            self.version = version

    Request.is_chunked = as_if_newer
    Request.is_persistent = lambda self: is_persistent(self) or (self.version < (1, 1) and self.chunked)


def code(change):
    """Makes the gateway read other transfer codings than those that it was sent."""
    members = Request.members

    def changed(self, name):
        found = members(self, name)
        return change(found) if name == 'transfer-encoding' else found

    Request.members = changed


@fault('te.unknown-501', 'answers 400 to transfer codings that it does not know')
def _():
    before = Request.is_chunked

    def is_chunked(self):
        try:
            return before(self)
        except Refused as refusal:
            raise Refused('400 Bad Request', refusal.why) from None

    Request.is_chunked = is_chunked


@fault('te.unknown-501', 'passes over a transfer coding that it does not know', name='passes')
def _():
    code(lambda codings: [each for each in codings if each != 'lab'] if codings[-1:] == ['chunked'] else codings)


@fault('te.chunked-not-final', 'takes a body that is gzipped for one in chunks')
def _():
    code(lambda codings: ['chunked'] if codings == ['gzip'] else codings)


@fault('te.chunked-not-final', 'keeps the connection after it refused what is not chunked last', name='open')
def _():
    keep_after('chunked is not the last transfer coding, or not the only one of its kind')


@fault('te.obfuscated', 'takes everything that ends in "chunked" for chunked')
def _():
    code(lambda codings: ['chunked'] if len(codings) == 1 and codings[0].endswith('chunked') else codings)


@fault('te.obfuscated', 'knows Transfer-Encoding only when it says "chunked" in small letters', name='case')
def _():
    before = Request.is_chunked
    Request.is_chunked = lambda self: before(self) and 'chunked' in ''.join(self.values('transfer-encoding'))


@fault('chunk.line-endings', 'takes a bare LF for the end of a line of a chunk')
def _():
    def line(self):
        read = self.reader.readline(16 * 1024)
        if not read.endswith(b'\n'):
            raise Refused('400 Bad Request', 'a line without an end')
        return read.rstrip(b'\r\n')

    Chunked.line = line


@fault('chunk.line-endings', 'does not look at the two bytes after a chunk', name='blind')
def _():
    before = Chunked.next_chunk

    def next_chunk(self):
        if self.within:
            self.reader.read(2)
            self.within = False
        before(self)

    Chunked.next_chunk = next_chunk


@fault('chunk.premature-end', 'takes the end of the connection for the end of a chunked body')
def _():
    before = Chunked.some

    def some(self):
        try:
            return before(self)
        except Refused:
            if self.reader.peek(1):
                raise
            self.ended = True
            return b''

    Chunked.some = some


@fault('trailer.not-merged', 'reads the whole body first, and takes its trailers for fields')
def _():
    line, environ = Chunked.line, Exchange.environ

    def kept(self):
        read = line(self)
        if self.ended and b':' in read:
            name, _, value = read.decode('latin-1').partition(':')
            self.trailers = [*getattr(self, 'trailers', []), (name, value.strip())]
        return read

    def late(self):
        body = self.stream._body
        while self.request.chunked and self.stream._more():
            pass
        self.request.fields = self.request.fields + getattr(body, 'trailers', [])
        return environ(self)

    Chunked.line, Exchange.environ = kept, late
