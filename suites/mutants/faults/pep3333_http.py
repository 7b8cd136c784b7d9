import gzip
import select

from gateway.bodies import Chunked
from gateway.environ import Environ
from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.request import Refused, Request
from gateway.response import Response
from gateway.streams import Input


def refuse_expectations(version):
    """Makes 417 the answer to every Expect of this version of HTTP."""
    check_host = Request.check_host

    def check(self):
        check_host(self)
        if self.version == version and self.values('expect'):
            raise Refused('417 Expectation Failed', 'no expectations here')

    Request.check_host = check


@fault('expect.transparent', 'refuses Expect: 100-continue', also=('expect.read-blocks',))
def _():
    refuse_expectations((1, 1))


@fault('expect.read-blocks', 'lets a read return nothing when the client does not answer 100 Continue at once')
def _():
    more = Input._more

    def impatient(self):
        if self._invites and not self._ended:
            self._invite()
            connection = self._send.__self__
            if not select.select([connection.socket], [], [], 0.1)[0]:
                self._invites = True  # the body is still to come, and nobody will read it
                return False
        return more(self)

    Input._more = impatient


@fault('expect.http10-exempt', 'refuses Expect: 100-continue in HTTP/1.0')
def _():
    refuse_expectations((1, 0))


@fault(
    'hop-by-hop.inbound-decoded',
    'gives the application only the first chunk of a body',
    also=(
        'chunk.extension-ignored',
        'chunk.line-endings',
        'chunk.premature-end',
        'chunk.size-syntax',
        'te.obfuscated',
        'trailer.not-merged',
    ),
)
def _():
    next_chunk = Chunked.next_chunk

    def one(self):
        next_chunk(self)
        if hasattr(self, 'read_one'):
            self.reader.read(self.left)
            while not self.ended:
                next_chunk(self)
                self.reader.read(self.left)
            self.left = 0
        self.read_one = True

    Chunked.next_chunk = one


@fault('server.play-dumb', 'drops fields that it does not know')
def _():
    known = ('allow', 'cache-control', 'content-', 'date', 'etag', 'expires', 'last-modified', 'location', 'set-cookie')
    known += ('vary', 'www-authenticate', 'x-')
    fields = Response.end_to_end_fields
    Response.end_to_end_fields = lambda self: [each for each in fields(self) if each[0].lower().startswith(known)]


@fault('server.play-dumb', 'answers 404 with a page of its own', name='error-page', also=('server.may-range',))
def _():
    def send_item(self, data):
        if self.status[:3] == '404' and not self.head_sent:
            self.headers = [each for each in self.headers if each[0].lower() != 'content-length']
            data, self.items = b'not found here\n', 1
        elif self.status[:3] == '404':
            return
        if data:
            self.send_block(data)

    Response.send_item = send_item


def validate(methods):
    """Makes the gateway answer If-None-Match for these methods."""
    commit = Response.commit

    def validated(self, first):
        etags = [value for name, value in self.headers if name.lower() == 'etag']
        matches = etags and self.request.values('if-none-match') == etags
        if matches and self.status[:3] == '200' and self.request.method in methods:
            self.status = '304 Not Modified'
            self.headers = [each for each in self.headers if each[0].lower() != 'content-length']
        return commit(self, first)

    Response.commit = validated


@fault('server.may-validate', 'answers 304 to a GET whose If-None-Match is met', observed=True)
def _():
    validate(('GET',))


@fault('server.may-validate', 'answers 304 to a POST whose If-None-Match is met', name='post')
def _():
    validate(('GET', 'POST'))


def rewrite(change):
    """Lets `change` make a whole body another: it is given the exchange and the body, and may alter the head."""
    iterate = Exchange.iterate

    def rewritten(self, result):
        if not self.request.values('range') and not self.request.values('accept-encoding'):
            return iterate(self, result)
        body = change(self, b''.join(result))
        self.response.headers = [each for each in self.response.headers if each[0].lower() != 'content-length']
        self.response.items = 1
        self.response.send_item(body)

    Exchange.iterate = rewritten


def cut(methods):
    """Makes the gateway cut the range of the bytes 2-5, the only one that it understands."""

    def two_to_five(exchange, body):
        response, request = exchange.response, exchange.request
        asked = request.values('range') == ['bytes=2-5'] and not request.values('if-range')
        if not asked or request.method not in methods or response.status[:3] != '200':
            return body
        response.status = '206 Partial Content'
        response.headers.append(('Content-Range', 'bytes 2-5/%d' % len(body)))
        return body[2:6]

    rewrite(two_to_five)


@fault('server.may-range', 'cuts ranges', observed=True)
def _():
    cut(('GET',))


@fault('server.may-range', 'cuts ranges for a POST as well', name='post')
def _():
    cut(('GET', 'POST'))


def compress(vary):
    """Makes the gateway encode what may be encoded, with this field in the head."""

    def compressed(exchange, body):
        response = exchange.response
        transformable = not any('no-transform' in value for _, value in response.headers)
        if not transformable or exchange.request.values('accept-encoding') != ['gzip']:
            return body
        response.headers = [each for each in response.headers if each[0] != 'ETag'] + [('Content-Encoding', 'gzip'), *vary]
        return gzip.compress(body)

    rewrite(compressed)


@fault('server.may-encode', 'encodes with gzip', observed=True)
def _():
    compress([('Vary', 'Accept-Encoding')])


@fault(
    'server.may-encode',
    'encodes with gzip and does not say that it depends on Accept-Encoding',
    name='no-vary',
    also=('vary.sent',),
)
def _():
    compress([])


@fault('extension.safe', "puts the client's socket into environ", observed=True)
def _():
    wsgi = Environ.wsgi
    Environ.wsgi = lambda self: {**wsgi(self), 'strict.socket': self.connection.socket}
