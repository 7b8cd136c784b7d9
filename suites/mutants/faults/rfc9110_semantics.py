from email.utils import formatdate

from gateway import connection, head
from gateway.exchange import Exchange
from gateway.faults import fault
from gateway.files import File
from gateway.message_head import Refused
from gateway.request import Request
from gateway.response import Response


def without(before, *names):
    """The same fields but for those of these names."""
    return lambda self: [field for field in before(self) if field[0].lower() not in names]


@fault('date.origin', 'sends no Date', also=('headers.required-added',))
def _():
    Response.own_fields = without(Response.own_fields, 'date')


@fault('date.origin', 'adds a Date to that of the application', name='twice', also=('headers.case-insensitive',))
def _():
    before = Response.own_fields

    def own_fields(self):
        return before(self) + ([('Date', formatdate(usegmt=True))] if self.has_header('date') else [])

    Response.own_fields = own_fields


@fault('date.origin', 'writes dates as RFC 5322 does', name='format')
def _():
    head.formatdate = lambda usegmt: formatdate()


@fault('date.origin', 'leaves Date out of its own errors', name='own')
def _():
    before = connection.error_page

    def error_page(*given, **named):
        return b'\r\n'.join(line for line in before(*given, **named).split(b'\r\n') if not line.startswith(b'Date:'))

    connection.error_page = error_page


@fault('lastmod.not-future', 'says when a file was changed as the file system does')
def _():
    # The file is one of tomorrow only where the lab has dated it.
    File.modified = lambda self, changed: int(changed) + (86400 if b'tomorrow' in self.content else 0)


@fault('405.allow', "keeps the application's Allow to itself")
def _():
    Response.end_to_end_fields = without(Response.end_to_end_fields, 'allow')


@fault('405.allow', 'does not say which methods a file has', name='file')
def _():
    File.allowed = lambda self: []


@fault('405.allow', 'answers TRACE by a 405 of its own, without Allow', name='trace')
def _():
    before = Exchange.run

    def run(self):
        return self.send_page('405 Method Not Allowed', 'no') if self.request.method == 'TRACE' else before(self)

    Exchange.run = run


@fault('401.www-authenticate', 'keeps the last of several challenges')
def _():
    before = Response.end_to_end_fields

    def end_to_end_fields(self):
        fields = before(self)
        challenges = [field for field in fields if field[0].lower() == 'www-authenticate']
        return [field for field in fields if field not in challenges[:-1]]

    Response.end_to_end_fields = end_to_end_fields


@fault('options.asterisk', 'takes "OPTIONS *" for no request')
def _():
    before = Request.resolve_target

    def resolve_target(self):
        if self.target == '*':
            raise Refused('400 Bad Request', 'not a request target')
        before(self)

    Request.resolve_target = resolve_target


@fault('options.asterisk', 'asks the application for / on "OPTIONS *"', name='root')
def _():
    before = Request.resolve_target

    def resolve_target(self):
        before(self)
        self.path = '/' if self.path == '*' else self.path

    Request.resolve_target = resolve_target


@fault('options.asterisk', 'refuses the method OPTIONS for *', name='refused', observed=True)
def _():
    before = Exchange.send_page

    def send_page(self, status, text):
        before(self, '501 Not Implemented' if self.request.path == '*' else status, text)

    Exchange.send_page = send_page


@fault('trace.no-sensitive', 'answers TRACE with all that it received')
def _():
    before = Exchange.run

    def run(self):
        if self.request.method != 'TRACE':
            return before(self)
        self.send_page('200 OK', '\r\n'.join('%s: %s' % field for field in self.request.fields))

    Exchange.run = run


@fault('vary.sent', 'keeps all but the first name in Vary to itself')
def _():
    before = Response.end_to_end_fields

    def end_to_end_fields(self):
        return [(name, value.split(',')[0] if name == 'Vary' else value) for name, value in before(self)]

    Response.end_to_end_fields = end_to_end_fields


@fault('set-cookie.not-folded', 'joins field lines of the same name', also=('headers.repeats-kept',))
def _():
    before = Response.end_to_end_fields

    def end_to_end_fields(self):
        joined = {}
        for name, value in before(self):
            joined.setdefault(name, []).append(value)
        return [(name, ', '.join(values)) for name, values in joined.items()]

    Response.end_to_end_fields = end_to_end_fields


@fault('set-cookie.not-folded', 'sends cookies in another order', name='order', also=('headers.repeats-kept',))
def _():
    before = Response.end_to_end_fields

    def end_to_end_fields(self):
        fields = before(self)
        cookies = [field for field in fields if field[0] == 'Set-Cookie']
        return [field for field in fields if field not in cookies] + cookies[::-1]

    Response.end_to_end_fields = end_to_end_fields
