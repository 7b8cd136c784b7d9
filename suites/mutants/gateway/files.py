"""Files that the gateway serves itself, out of `static/` in the application's folder: by the letter of RFC 9110."""
import os
import re
import time
from email.utils import formatdate, parsedate_to_datetime

from gateway.head import PRODUCT

PREFIX = '/static/'
METHODS = 'GET, HEAD'
ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
HTTP_DATE = re.compile(
    r'(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT'
)
RANGES = re.compile(r'bytes=(?:\d+-\d*|-\d+)(?:[ \t]*,[ \t]*(?:\d+-\d*|-\d+))*', re.IGNORECASE)
BOUNDARY = 'strict-gateway-part'


def path_of(request):
    """The file that a request names; None when that is for the application to answer."""
    name = request.path[len(PREFIX) :]
    path = os.path.join('static', name)
    return path if request.path.startswith(PREFIX) and '/' not in name and os.path.isfile(path) else None


class File:
    """One request for a file, and its answer."""

    def __init__(self, request, path):
        self.request = request
        self.now = time.time()
        with open(path, 'rb') as file:
            self.content = file.read()
            self.changed = self.modified(os.fstat(file.fileno()).st_mtime)
        self.type = 'text/plain' if path.endswith('.txt') else 'application/octet-stream'
        self.etag = '"%x-%x"' % (int(self.changed), len(self.content))

    def modified(self, changed):
        """Not later than now, whatever the file system says."""
        return int(min(changed, self.now))

    def answer(self, persistent):
        """The whole response, as bytes."""
        status, fields, body = self.respond()
        fields = self.dated(fields) + [('Server', PRODUCT)]
        if status[:3] != '304':
            fields.append(('Content-Length', str(len(body))))
        fields += [] if persistent else [('Connection', 'close')]
        head = '\r\n'.join(['HTTP/1.1 ' + status] + ['%s: %s' % field for field in fields] + ['', ''])
        return head.encode('latin-1') + (b'' if self.request.method == 'HEAD' or status[:3] == '304' else body)

    def dated(self, fields):
        return fields + [('Date', formatdate(self.now, usegmt=True))]

    def respond(self):
        if self.request.method not in ('GET', 'HEAD'):
            return '405 Method Not Allowed', self.allowed(), b'not a method of a file\n'
        if not self.is_matched():
            return '412 Precondition Failed', [], b'the file has another entity tag\n'
        if self.is_known():
            return '304 Not Modified', self.same_fields(), b''
        ranges = self.ranges() if self.may_range() else None
        if ranges is None:
            return '200 OK', self.same_fields() + self.representation(), self.content
        if not ranges:
            return '416 Range Not Satisfiable', self.unsatisfied(), b'no byte of the file is meant\n'
        if len(ranges) == 1:
            return self.part(*ranges[0])
        return self.parts(ranges)

    def allowed(self):
        return [('Allow', METHODS)]

    # Fields

    def same_fields(self):
        """What a 206 and a 304 must say as a 200 does."""
        return [('ETag', self.etag), ('Cache-Control', 'max-age=3600')]

    def representation(self):
        return [('Last-Modified', formatdate(self.changed, usegmt=True)), ('Content-Type', self.type)]

    def unsatisfied(self):
        return [('Content-Range', 'bytes */%d' % len(self.content))]

    def content_range(self, first, last):
        return [('Content-Range', 'bytes %d-%d/%d' % (first, last, len(self.content)))]

    # Conditions

    def is_matched(self):
        """Whether If-Match lets the method be performed: it compares strongly."""
        tags = self.tags('if-match')
        return tags is None or tags == ['*'] or self.etag in tags

    def is_known(self):
        """Whether the client has the file already."""
        tags = self.tags('if-none-match')
        return self.is_unmodified() if tags is None else self.is_any(tags)

    def is_any(self, tags):
        """Compares weakly."""
        return tags == ['*'] or self.etag in [tag.removeprefix('W/') for tag in tags]

    def is_unmodified(self):
        since = self.date(', '.join(self.request.values('if-modified-since')))
        return since is not None and self.changed <= since

    def tags(self, name):
        """The entity tags of a field, or `*`; None without the field."""
        values = ', '.join(self.request.values(name))
        return None if not values else ['*'] if values.strip() == '*' else ENTITY_TAG.findall(values)

    def date(self, text):
        return parsedate_to_datetime(text).timestamp() if HTTP_DATE.fullmatch(text) else None

    # Ranges

    def may_range(self):
        """Whether Range counts: GET alone has ranges, and If-Range must hold."""
        return self.request.method == 'GET' and self.is_same(', '.join(self.request.values('if-range')))

    def is_same(self, validator):
        if not validator:
            return True
        return validator == self.etag or self.date(validator) == self.changed

    def ranges(self):
        """First and last byte of each satisfiable range; None when all of the file is asked for."""
        field = ', '.join(self.request.values('range'))
        if not RANGES.fullmatch(field):
            return None
        found = []
        for spec in field.partition('=')[2].split(','):
            first, _, last = spec.strip().partition('-')
            end = len(self.content) - 1
            if first:
                last = min(int(last or end), end)
                first = int(first)
            else:
                first, last = max(0, end + 1 - int(last)), end
            if first <= last:
                found.append((first, last))
        return found

    def part(self, first, last):
        fields = self.same_fields() + self.representation() + self.content_range(first, last)
        return '206 Partial Content', fields, self.content[first : last + 1]

    def parts(self, ranges):
        body = b''
        for first, last in ranges:
            fields = [('Content-Type', self.type)] + self.content_range(first, last)
            lines = ['--' + BOUNDARY] + ['%s: %s' % field for field in fields] + ['', '']
            body += '\r\n'.join(lines).encode('latin-1') + self.content[first : last + 1] + b'\r\n'
        body += ('--%s--\r\n' % BOUNDARY).encode('ascii')
        fields = self.same_fields() + self.representation()[:1]
        return '206 Partial Content', fields + self.multipart(), body

    def multipart(self):
        return [('Content-Type', 'multipart/byteranges; boundary=' + BOUNDARY)]
