"""The head of a response: how its body is framed, and the fields that the gateway adds."""
from email.utils import formatdate

from gateway.checks import Checks

PRODUCT = 'strict-gateway/1.0'


class Head(Checks):
    """The part of a response that makes its head."""

    def has_header(self, name):
        return any(each.lower() == name for each, _ in self.headers)

    def declared_length(self):
        lengths = [int(value) for name, value in self.headers if name.lower() == 'content-length']
        return lengths[0] if lengths else None

    def remaining(self):
        """How many bytes Content-Length still allows; None without one."""
        if self.head_sent:
            return self.left if self.framing == 'length' else None
        return self.declared_length()

    def is_bodyless(self):
        return self.is_head() or self.has_bodyless_status()

    def is_head(self):
        return self.request.method == 'HEAD'

    def has_bodyless_status(self):
        return self.status[:3] in ('204', '304')

    def commit(self, first):
        """The head as bytes; from now on it is sent. `first` is the first block, None at the end of an empty body."""
        if self.status is None:
            raise AssertionError('start_response was not called before the first block, or did not succeed')
        self.head_sent = self.stream.answered = True
        added = self.frame(first)
        if not self.request_can_end():
            self.persistent = False
        fields = self.end_to_end_fields() + added + self.own_fields()
        lines = ['HTTP/1.1 ' + self.status] + ['%s: %s' % field for field in fields] + ['', '']
        return '\r\n'.join(lines).encode('latin-1')

    def end_to_end_fields(self):
        """The application's own, without a Content-Length where HTTP forbids it."""
        if self.status[:3] != '204':
            return self.headers
        return [(name, value) for name, value in self.headers if name.lower() != 'content-length']

    def frame(self, first):
        """Decides how the body is framed; returns the field that says so, if the application's own does not."""
        declared = self.declared_length()
        if declared is not None:
            self.framing, self.left = 'length', declared
            return []
        # What a GET would have had is not known when an application gives HEAD no body.
        if self.has_bodyless_status() or (first is None and self.is_head()):
            self.framing = 'none'
            return []
        if first is None or self.can_count():
            self.framing, self.left = 'length', len(first or b'')
            return [('Content-Length', str(self.left))]
        return self.frame_uncounted()

    def can_count(self):
        """One item, and this is it."""
        return self.items == 1

    def frame_uncounted(self):
        if self.request.version >= (1, 1):
            self.framing = 'chunked'
            return [('Transfer-Encoding', 'chunked')]
        self.framing = 'close'
        self.persistent = False
        return []

    def request_can_end(self):
        """A client that was not asked for its body may send it or not: what it sends next is not to be known."""
        return not self.stream.is_lost()

    def own_fields(self):
        fields = [] if self.has_header('date') else [('Date', formatdate(usegmt=True))]
        fields += [] if self.has_header('server') else [('Server', PRODUCT)]
        return fields + ([] if self.persistent else [('Connection', 'close')])


def error_page(status, text, head_only=False, close=False):
    """A whole response of the gateway's own, as bytes."""
    body = (text + '\n').encode('utf-8')
    fields = ['Content-Type: text/plain; charset=utf-8', 'Content-Length: %d' % len(body)]
    fields += ['Date: ' + formatdate(usegmt=True), 'Server: ' + PRODUCT] + (['Connection: close'] if close else [])
    head = '\r\n'.join(['HTTP/1.1 ' + status, *fields, '', '']).encode('latin-1')
    return head if head_only else head + body
