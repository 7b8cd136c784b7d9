import re

from gateway import request
from gateway.faults import fault
from gateway.message_head import CONTROL, EndOfConnection, Refused
from gateway.request import Request
from gateway.response import Response


@fault('host.invalid-400', 'takes anything for a host')
def _():
    Request.check_host_value = lambda self, host: None


@fault('target.absolute-accepted', 'goes by Host where an absolute target names another')
def _():
    Request.use_authority = lambda self, authority: None


@fault('target.absolute-accepted', 'refuses absolute targets', name='refuses')
def _():
    def use_authority(self, authority):
        raise Refused('400 Bad Request', 'not a path')

    Request.use_authority = use_authority


def lenient_target(is_taken):
    """Makes the gateway take such targets for its root."""
    before = Request.resolve_target

    def resolve_target(self):
        if self.method == 'GET' and is_taken(self.target):
            self.target = '/'
        before(self)

    Request.resolve_target = resolve_target


@fault('target.authority-only-connect', 'serves GET 127.0.0.1:80')
def _():
    lenient_target(lambda target: re.fullmatch(r'[^/:]+:\d+', target))


@fault('target.asterisk-only-options', 'serves GET *')
def _():
    lenient_target(lambda target: target == '*')


@fault('target.whitespace-reject', 'takes blanks in a target for parts of it')
def _():
    request.REQUEST_LINE = re.compile(r'(\S+) ([\t\x20-\x7e\x80-\xff]+) (HTTP/(\d)\.(\d))')


@fault('line.bare-cr', 'lets a bare CR stand in a target')
def _():
    request.REQUEST_LINE = re.compile(r'(\S+) ([\r\x21-\x7e\x80-\xff]+) (HTTP/(\d)\.(\d))')
    lenient_line_ends(lambda line: line.endswith(b'\r\n'))


@fault('line.bare-cr', 'lets a bare CR stand in a field value', name='field', also=('field.ctl-nul-crlf',))
def _():
    lenient_line_ends(lambda line: line.endswith(b'\r\n'))
    lenient_values('\r')


def lenient_line_ends(is_end):
    """Makes the gateway take lines of which this holds."""

    def check_line_end(self, line):
        if not is_end(line):
            raise Refused('400 Bad Request', 'a line that does not end')

    Request.check_line_end = check_line_end


def lenient_values(character):
    """Makes the gateway take this control character in field values."""

    def check_field_value(self, value):
        if CONTROL.search(value.replace(character, '')):
            raise Refused('400 Bad Request', 'a control character in a field value')

    Request.check_field_value = check_field_value


@fault('line.bare-lf-consistent', 'takes a bare LF for the end of a line', observed=True)
def _():
    lenient_line_ends(lambda line: line.endswith(b'\n') and b'\r' not in line[:-2])


@fault('line.leading-crlf', 'refuses an empty line before a request')
def _():
    before = Request.read_line

    def read_line(self, too_long):
        line = before(self, too_long)
        if line == '' and too_long.startswith('414'):
            raise Refused('400 Bad Request', 'no request line')
        return line

    Request.read_line = read_line


@fault('line.whitespace-before-first-field', 'takes lines that begin with a blank for fields')
def _():
    before = Request.add_field
    Request.add_field = lambda self, fields, line: before(self, fields, line.strip() if ':' in line else line)


@fault('version.unsupported', 'speaks HTTP/1.0 and HTTP/1.1 alone')
def _():
    before = Request.check_version

    def check_version(self):
        before(self)
        if self.version > (1, 1):
            raise Refused('505 HTTP Version Not Supported', 'only HTTP/1.0 and HTTP/1.1 are spoken here')

    Request.check_version = check_version


@fault('version.unsupported', 'answers in whatever version it was asked in', name='echo')
def _():
    before = Response.commit

    def commit(self, first):
        asked_in = self.request.protocol.encode('latin-1')
        return before(self, first).replace(b'HTTP/1.1', asked_in if asked_in > b'HTTP/1.1' else b'HTTP/1.1', 1)

    Response.commit = commit


@fault('version.unsupported', 'serves HTTP/9.9', name='serves', observed=True)
def _():
    Request.check_version = lambda self: None


@fault('field.ctl-nul-crlf', 'lets NUL stand in a field value')
def _():
    lenient_values('\0')


@fault('field.ctl-nul-crlf', 'drops NUL from a field value', name='drops')
def _():
    before = Request.add_field
    Request.add_field = lambda self, fields, line: before(self, fields, line.replace('\0', ''))


@fault('field.name-token', 'takes anything without a blank at its end for a field name')
def _():
    before = Request.check_field_name

    def check_field_name(self, name):
        if name == '' or name != name.rstrip(' \t'):
            before(self, name)

    Request.check_field_name = check_field_name


@fault('field.limits-431', 'cuts long field values')
def _():
    before = Request.add_field
    Request.add_field = lambda self, fields, line: before(self, fields, line[:8192])


@fault('field.limits-431', 'hangs up on a field that is too long', name='silent')
def _():
    before = Request.read_line

    def read_line(self, too_long):
        try:
            return before(self, too_long)
        except Refused as refusal:
            if refusal.status.startswith('431'):
                raise EndOfConnection from None
            raise

    Request.read_line = read_line


@fault('uri.too-long-414', 'answers 400 to a target that is too long')
def _():
    before = Request.read_line
    Request.read_line = lambda self, too_long: before(self, too_long.replace('414 URI Too Long', '400 Bad Request'))


@fault('uri.too-long-414', 'takes no target of more than 4000 bytes', name='short', observed=True)
def _():
    before = Request.read_request_line

    def read_request_line(self):
        self.line_limit = 4000
        before(self)
        del self.line_limit

    Request.read_request_line = read_request_line


def change_method(change):
    """Makes the gateway go by another method than it was asked with, or by none."""
    before = Request.check_version

    def check_version(self):
        before(self)
        self.method = change(self.method)

    Request.check_version = check_version


@fault(
    'method.unknown-501',
    'makes capitals of the letters of a method',
    also=('environ.request-method', 'cgi.request-method'),
)
def _():
    change_method(str.upper)


def refuse_unknown(status):
    """Makes the gateway refuse methods that are not those of RFC 9110."""

    def known(method):
        if method not in ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'):
            raise Refused(status, 'an unknown method')
        return method

    change_method(known)


@fault('method.unknown-501', 'answers 400 to methods that it does not know', name='refuses')
def _():
    refuse_unknown('400 Bad Request')


@fault('method.unknown-501', 'answers 501 to methods that it does not know', name='knows', observed=True)
def _():
    refuse_unknown('501 Not Implemented')
