import re

from faults.rfc9112_bodies import keep_after
from gateway import request
from gateway.bodies import Chunked
from gateway.faults import fault
from gateway.message_head import EndOfConnection, Refused
from gateway.request import Request
from gateway.response import Response
from gateway.streams import Input


@fault('host.missing-400', 'serves HTTP/1.1 requests without Host')
def _():
    Request.refuse_missing_host = lambda self: None


@fault('host.duplicate-400', 'serves requests with more than one Host')
def _():
    Request.refuse_duplicate_host = lambda self: None


@fault('host.duplicate-400', 'serves requests with the same Host twice', name='equal')
def _():
    before = Request.refuse_duplicate_host
    Request.refuse_duplicate_host = lambda self: before(self) if len(set(self.values('host'))) > 1 else None


@fault('cl.non-digit', 'takes +5 for a Content-Length')
def _():
    request.LENGTH = re.compile(r'\+?\d{1,18}')


@fault('cl.non-digit', 'hangs up on an invalid Content-Length', name='silent', also=('cl.list-form',))
def _():
    def check_length(self, length):
        if not length.isdigit():
            raise EndOfConnection

    Request.check_length = check_length


@fault('cl.non-digit', 'takes an empty Content-Length for none', name='empty')
def _():
    before = Request.content_length
    Request.content_length = lambda self: None if self.values('content-length') == [''] else before(self)


@fault('cl.non-digit', 'keeps the connection after it refused a Content-Length', name='open', also=('cl.list-form',))
def _():
    keep_after('an invalid Content-Length')


@fault('te.with-cl', 'goes on after a request with both Content-Length and Transfer-Encoding')
def _():
    Request.refuse_both_framings = lambda self: None


@fault('te.with-cl', 'reads a body by its Content-Length, whatever Transfer-Encoding says', name='length')
def _():
    before = Request.is_chunked
    Request.refuse_both_framings = lambda self: None
    Request.is_chunked = lambda self: before(self) and not self.values('content-length')


@fault('chunk.extension-ignored', 'refuses chunk extensions')
def _():
    before = Chunked.chunk_size

    def chunk_size(self, line):
        if b';' in line:
            raise Refused('400 Bad Request', 'a chunk extension')
        return before(self, line)

    Chunked.chunk_size = chunk_size


@fault('chunk.size-syntax', 'reads chunk sizes as Python reads numbers')
def _():
    Chunked.chunk_size = lambda self, line: int(line.partition(b';')[0], 16)


@fault('chunk.size-syntax', 'counts with 64 bits', name='overflow')
def _():
    before = Chunked.chunk_size

    def chunk_size(self, line):
        size = line.partition(b';')[0]
        return int(size, 16) % 2**64 if len(size) > 15 else before(self, line)

    Chunked.chunk_size = chunk_size


@fault('field.space-before-colon', 'takes a space before a colon for nothing')
def _():
    Request.refuse_space_before_colon = lambda self: None


@fault('field.obs-fold', 'drops the folded part of a field', also=('cgi.folded-joined',))
def _():
    add = Request.add_field
    Request.add_field = lambda self, fields, line: None if line[0] in ' \t' else add(self, fields, line)


@fault('framing.head', 'sends the body of an answer to HEAD', also=('desync.head-content',))
def _():
    Response.is_head = lambda self: False


@fault('framing.204-1xx', 'sends a Content-Length with 204')
def _():
    before = Response.own_fields

    def own_fields(self):
        return before(self) + ([('Content-Length', '0')] if self.status[:3] == '204' else [])

    Response.own_fields = own_fields


@fault('framing.204-1xx', 'sends the body of a 204', name='body')
def _():
    before = Response.is_bodyless
    Response.is_bodyless = lambda self: before(self) and self.status[:3] != '204'


@fault('framing.204-1xx', 'sends a Content-Length with 100', name='interim')
def _():
    before = Input._invite

    def _invite(self):
        send = self._send
        self._send = lambda data: send(data.replace(b'\r\n\r\n', b'\r\nContent-Length: 0\r\n\r\n'))
        before(self)
        self._send = send

    Input._invite = _invite


@fault('framing.304', 'sends the body of a 304')
def _():
    before = Response.is_bodyless
    Response.is_bodyless = lambda self: before(self) and self.status[:3] != '304'


@fault('framing.304', 'answers 200 in place of a 304', name='whole', observed=True)
def _():
    before = Response.store_head
    Response.store_head = lambda self, status, headers: before(
        self, '200 OK' if status[:3] == '304' else status, headers
    )
