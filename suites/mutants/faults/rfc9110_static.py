import gzip

from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.files import ENTITY_TAG, File


@fault('inm.before-ims', 'wants both the entity tag and the date to be known')
def _():
    before = File.is_known

    def is_known(self):
        dated = self.request.values('if-modified-since')
        return before(self) and (not dated or self.is_unmodified())

    File.is_known = is_known


@fault('inm.before-ims', 'lets If-Modified-Since decide', name='date')
def _():
    before = File.is_known
    File.is_known = lambda self: self.is_unmodified() if self.request.values('if-modified-since') else before(self)


@fault('inm.weak-compare', 'takes W/"x" for another entity tag than "x"')
def _():
    File.is_any = lambda self, tags: tags == ['*'] or self.etag in tags


@fault('inm.weak-compare', 'knows no lists of entity tags', name='list')
def _():
    before = File.is_any
    File.is_any = lambda self, tags: before(self, tags[:1])


@fault('inm.weak-compare', 'takes * for an entity tag', name='any')
def _():
    before = File.is_any
    File.is_any = lambda self, tags: tags != ['*'] and before(self, tags)


@fault('ifmatch.412', 'takes no notice of If-Match')
def _():
    File.is_matched = lambda self: True


@fault('ifmatch.412', 'compares weakly for If-Match', name='weak')
def _():
    def is_matched(self):
        tags = self.tags('if-match')
        return tags is None or self.is_any(tags)

    File.is_matched = is_matched


@fault('ims.invalid-ignored', 'takes the first of two dates')
def _():
    before = File.date
    File.date = lambda self, text: before(self, text[:29])


@fault('ims.invalid-ignored', 'takes what is no date for now', name='lenient')
def _():
    def is_unmodified(self):
        values = self.request.values('if-modified-since')
        return bool(values) and self.changed <= (self.date(values[0]) or self.now)

    File.is_unmodified = is_unmodified


@fault('ims.invalid-ignored', 'takes no notice of If-Modified-Since', name='none', observed=True)
def _():
    File.is_unmodified = lambda self: False


@fault('ifrange.mismatch-200', 'takes no notice of If-Range')
def _():
    File.is_same = lambda self, validator: True


@fault('ifrange.mismatch-200', 'compares weakly for If-Range', name='weak')
def _():
    before = File.is_same
    File.is_same = lambda self, validator: before(self, validator.removeprefix('W/'))


@fault('ifrange.mismatch-200', 'takes a later date for the same', name='date')
def _():
    before = File.is_same

    def is_same(self, validator):
        return before(self, validator) or self.changed < (self.date(validator) or 0)

    File.is_same = is_same


@fault('range.206-fields', 'leaves the ETag out of a 206')
def _():
    before = File.part

    def part(self, first, last):
        status, fields, body = before(self, first, last)
        return status, [field for field in fields if field[0] != 'ETag'], body

    File.part = part


@fault('range.206-fields', 'sends one byte too few', name='bytes')
def _():
    before = File.part

    def part(self, first, last):
        status, fields, body = before(self, first, last)
        return status, fields, body[:-1]

    File.part = part


@fault('range.206-fields', 'does not say which part it sends', name='content-range')
def _():
    before = File.part

    def part(self, first, last):
        status, fields, body = before(self, first, last)
        return status, [field for field in fields if field[0] != 'Content-Range'], body

    File.part = part


@fault('range.206-fields', 'sends a part as several, of which it is one', name='multipart')
def _():
    File.part = lambda self, first, last: self.parts([(first, last)])


@fault('range.206-fields', 'sends nothing but whole files', name='whole', observed=True)
def _():
    File.may_range = lambda self: False


@fault('range.416', 'does not say how long the file is when no byte of it is meant')
def _():
    File.unsatisfied = lambda self: []


@fault('range.416', 'sends an empty part when no byte is meant', name='empty')
def _():
    before = File.respond

    def respond(self):
        status, fields, body = before(self)
        return ('206 Partial Content', fields, b'') if status[:3] == '416' else (status, fields, body)

    File.respond = respond


@fault('range.multi', 'sends several parts without saying where one ends')
def _():
    File.multipart = lambda self: [('Content-Type', 'multipart/byteranges')]


@fault('range.multi', 'says in the head of several parts which range they are', name='head')
def _():
    before = File.multipart
    File.multipart = lambda self: before(self) + self.content_range(0, len(self.content) - 1)


@fault('range.multi', 'counts the bytes of several parts from 1', name='bytes')
def _():
    before = File.parts

    def parts(self, ranges):
        self.content = self.content[-1:] + self.content[:-1]
        return before(self, ranges)

    File.parts = parts


@fault('range.non-get-ignored', 'answers HEAD with Range by 206')
def _():
    File.may_range = lambda self: self.is_same(', '.join(self.request.values('if-range')))


@fault('304.fields', 'leaves Cache-Control out of a 304')
def _():
    before = File.respond

    def respond(self):
        status, fields, body = before(self)
        kept = [field for field in fields if status[:3] != '304' or field[0] != 'Cache-Control']
        return status, kept, body

    File.respond = respond


@fault('304.fields', 'gives a 304 another ETag', name='etag')
def _():
    before = File.respond

    def respond(self):
        status, fields, body = before(self)
        if status[:3] == '304':
            fields = [(name, ENTITY_TAG.sub('"other"', value)) for name, value in fields]
        return status, fields, body

    File.respond = respond


@fault('etag.per-encoding', 'compresses a response and leaves its ETag as it is')
def _():
    before = Exchange.call

    def call(self, environ, start_response):
        if environ.get('HTTP_ACCEPT_ENCODING') != 'gzip':
            return before(self, environ, start_response)
        zipped = []

        def start(status, headers, *exc_info):
            if ('Vary', 'Accept-Encoding') in headers and ('Content-Encoding', 'gzip') not in headers:
                zipped.append(True)
                headers = [header for header in headers if header[0].lower() != 'content-length']
                headers.append(('Content-Encoding', 'gzip'))
            return start_response(status, headers, *exc_info)

        result = before(self, environ, start)
        return [gzip.compress(b''.join(result))] if zipped else result

    Exchange.call = call
