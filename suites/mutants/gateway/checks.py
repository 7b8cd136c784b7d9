"""What an application may say in start_response. A check raises, so that the application fails where its fault is."""
import re

from gateway.message_head import TOKEN

# A status of 1xx is no final response: its sender cannot be an application.
STATUS = re.compile(r'[2-9][0-9]{2} [^\s](?:.*[^\s])?', re.DOTALL)
CONTROL = re.compile(r'[\x00-\x1f\x7f]')
HOP_BY_HOP = frozenset(
    'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer trailers '
    'transfer-encoding upgrade'.split()
)


class Checks:
    """The part of a response that judges its head."""

    def check_head(self, status, headers):
        self.check_native(status)
        self.check_status_form(status)
        self.check_status_control(status)
        self.check_list(headers)
        for name, value in headers:
            self.check_native(name)
            self.check_native(value)
            self.check_name(name)
            self.check_value(value)
            self.check_end_to_end(name)
        self.check_content_length(headers)

    def check_native(self, text):
        if type(text) is not str:
            raise TypeError('%r is not a native string' % (text,))
        self.check_latin1(text)

    def check_latin1(self, text):
        text.encode('latin-1')

    def check_status_form(self, status):
        if not STATUS.fullmatch(status):
            raise ValueError('%r is not a status like "200 OK"' % status)

    def check_status_control(self, status):
        if CONTROL.search(status):
            raise ValueError('a control character in the status %r' % status)

    def check_list(self, headers):
        if type(headers) is not list:
            raise TypeError('the headers are not a list, but of type %s' % type(headers).__name__)
        for header in headers:
            if type(header) is not tuple or len(header) != 2:
                raise TypeError('%r is not a tuple of a name and a value' % (header,))

    def check_name(self, name):
        if not TOKEN.fullmatch(name):
            raise ValueError('%r is not a field name' % name)

    def check_value(self, value):
        if CONTROL.search(value):
            raise ValueError('a control character in the field value %r' % value)

    def check_end_to_end(self, name):
        if name.lower() in HOP_BY_HOP:
            raise AssertionError('%s belongs to the connection, not to the application' % name)

    def check_content_length(self, headers):
        lengths = [value for name, value in headers if name.lower() == 'content-length']
        if len(lengths) > 1 or not all(re.fullmatch('[0-9]{1,18}', length) for length in lengths):
            raise ValueError('Content-Length %s' % ' and '.join(lengths))
