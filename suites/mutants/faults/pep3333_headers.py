from gateway.checks import Checks
from gateway.faults import fault
from gateway.response import Response


def nothing(self, value):
    pass


@fault('status.form', 'sends whatever an application calls a status')
def _():
    Checks.check_status_form = nothing


@fault('status.form', 'leaves the space away when there is no reason', name='space')
def _():
    check = Checks.check_status_form

    def check_others(self, status):
        if status != '200':
            check(self, status)

    Checks.check_status_form = check_others


@fault('status.no-control', 'sends control characters in a status')
def _():
    Checks.check_status_control = nothing


@fault('status.reason-kept', 'has reasons of its own')
def _():
    store = Response.store_head
    Response.store_head = lambda self, status, headers: store(self, status[:4] + 'Response', headers)


@fault('headers.list-type', 'iterates twice over whatever an application calls headers')
def _():
    Checks.check_list = nothing


@fault('headers.list-type', 'takes whatever can be made a list', observed=True, name='lenient')
def _():
    check, store = Response.check_head, Response.store_head
    Response.check_head = lambda self, status, headers: None

    def convert(self, status, headers):
        headers = [tuple(header) for header in headers]
        check(self, status, headers)
        store(self, status, headers)

    Response.store_head = convert


@fault('headers.list-type', 'sends what is no string as Python shows it', name='shown')
def _():
    native = Checks.check_native
    Checks.check_native = lambda self, text: native(self, str(text))
    value = Checks.check_value
    Checks.check_value = lambda self, text: value(self, str(text))


@fault('headers.name-token', 'sends whatever an application calls a field name', also=['headers.checked-at-call'])
def _():
    Checks.check_name = nothing


@fault('headers.value-no-control', 'sends control characters in a header value, except for CR LF')
def _():
    def check(self, value):
        if '\r\n' in value:
            raise ValueError('CR LF in the field value %r' % value)

    Checks.check_value = check


@fault('response.crlf-in-header', 'sends CR LF in a header value', also=['headers.checked-at-call'])
def _():
    check = Checks.check_value
    Checks.check_value = lambda self, value: check(self, value.replace('\r\n', ''))


@fault(
    'headers.non-latin1-fatal',
    'sends a question mark for what is not Latin-1',
    also=['headers.checked-at-call'],
)
def _():
    Checks.check_latin1 = nothing
    store = Response.store_head

    def replace(self, status, headers):
        shown = [status, *(text for header in headers for text in header)]
        status, *texts = [text.encode('latin-1', 'replace').decode('latin-1') for text in shown]
        store(self, status, list(zip(texts[::2], texts[1::2])))

    Response.store_head = replace


@fault('headers.checked-at-call', 'looks at the header fields only when it sends them')
def _():
    checks = Checks.check_name, Checks.check_value
    Checks.check_name = Checks.check_value = nothing
    commit = Response.commit

    def check_late(self, first):
        for header in self.headers:
            for check, text in zip(checks, header):
                check(self, text)
        return commit(self, first)

    Response.commit = check_late


@fault('headers.server-may-mutate', "empties the application's list of headers", observed=True)
def _():
    store = Response.store_head

    def take(self, status, headers):
        store(self, status, headers)
        headers.clear()

    Response.store_head = take


@fault('headers.repeats-kept', 'sends only the last of several cookies', also=('set-cookie.not-folded',))
def _():
    fields = Response.end_to_end_fields

    def last(self):
        cookies = [field for field in fields(self) if field[0].lower() == 'set-cookie']
        return [field for field in fields(self) if field not in cookies[:-1]]

    Response.end_to_end_fields = last


@fault('headers.required-added', 'adds no Date', also=('date.origin',))
def _():
    fields = Response.own_fields
    Response.own_fields = lambda self: [field for field in fields(self) if field[0] != 'Date']


@fault('headers.case-insensitive', 'knows Date and Server only as it writes them itself')
def _():
    Response.has_header = lambda self, name: any(each == name.title() for each, _ in self.headers)


@fault('headers.case-insensitive', 'knows Content-Length only as it writes it itself', name='length')
def _():
    declared = Response.declared_length

    def exactly(self):
        known = any(name in ('Content-Length', 'content-length') for name, _ in self.headers)
        return declared(self) if known else None

    Response.declared_length = exactly


@fault('hop-by-hop.app-fatal', "sends an application's hop-by-hop fields, except for Transfer-Encoding")
def _():
    check = Checks.check_end_to_end

    def check_one(self, name):
        if name.lower() == 'transfer-encoding':
            check(self, name)

    Checks.check_end_to_end = check_one


@fault('hop-by-hop.app-fatal', "drops an application's Connection field without an error", name='dropped')
def _():
    check, fields = Checks.check_end_to_end, Response.end_to_end_fields

    def check_others(self, name):
        if name.lower() != 'connection':
            check(self, name)

    Checks.check_end_to_end = check_others
    Response.end_to_end_fields = lambda self: [field for field in fields(self) if field[0].lower() != 'connection']
