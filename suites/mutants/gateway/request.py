"""A request as its head tells it: what it asks for, where its body ends and whether the connection goes on."""
import re
from urllib.parse import unquote_to_bytes

from gateway.message_head import MessageHead, Refused

REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) (HTTP/(\d)\.(\d))")
ABSOLUTE = re.compile(r'https?://([^/?#]*)(.*)', re.IGNORECASE)
HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?")
LENGTH = re.compile(r'\d{1,18}')


class Request(MessageHead):
    def __init__(self, reader):
        self.reader = reader
        self.read_request_line()
        self.fields = self.read_fields()
        self.resolve_target()
        self.check_host()
        self.refuse_both_framings()
        self.chunked = self.is_chunked()
        self.length = self.content_length()

    def read_request_line(self):
        line = self.read_line('414 URI Too Long')
        if line == '':  # an empty line before a request is left over from the one before (RFC 9112 §2.2)
            line = self.read_line('414 URI Too Long')
        parts = REQUEST_LINE.fullmatch(line)
        if not parts:
            raise Refused('400 Bad Request', 'not a request line')
        self.method, self.target, self.protocol = parts.group(1, 2, 3)
        self.version = (int(parts.group(4)), int(parts.group(5)))
        self.check_version()

    def check_version(self):
        if self.version[0] != 1:
            raise Refused('505 HTTP Version Not Supported', 'only HTTP/1.x is spoken here')

    def resolve_target(self):
        """Makes `path` (decoded, as Latin-1) and `query` of whichever of its forms the target has."""
        absolute = ABSOLUTE.fullmatch(self.target)
        origin = self.target
        if self.method == 'CONNECT':
            raise Refused('501 Not Implemented', 'this is no proxy')
        if absolute:
            self.use_authority(absolute.group(1))
            origin = absolute.group(2)
            origin = origin if origin.startswith('/') else '/' + origin
        elif self.target == '*' and self.method == 'OPTIONS':
            origin = '*'
        elif not self.target.startswith('/'):
            raise Refused('400 Bad Request', 'not a request target')
        raw_path, _, self.query = origin.partition('?')
        self.path = unquote_to_bytes(raw_path.encode('latin-1')).decode('latin-1')

    def use_authority(self, authority):
        """The authority of an absolute target replaces Host (RFC 9112 §3.2.2)."""
        if not authority:
            raise Refused('400 Bad Request', 'a target without a host')
        if self.values('host'):
            self.fields = [(name, authority if name.lower() == 'host' else value) for name, value in self.fields]
        elif self.version < (1, 1):
            self.fields.append(('Host', authority))

    def check_host(self):
        hosts = self.values('host')
        if not hosts and self.version >= (1, 1):
            self.refuse_missing_host()
        if len(hosts) > 1:
            self.refuse_duplicate_host()
        for host in hosts:
            self.check_host_value(host)

    def refuse_missing_host(self):
        raise Refused('400 Bad Request', 'no Host')

    def refuse_duplicate_host(self):
        raise Refused('400 Bad Request', 'more than one Host')

    def check_host_value(self, host):
        if not HOST.fullmatch(host):
            raise Refused('400 Bad Request', 'an invalid Host')

    # Where its body ends, and whether the connection goes on

    def refuse_both_framings(self):
        if self.values('content-length') and self.values('transfer-encoding'):
            raise Refused('400 Bad Request', 'both Content-Length and Transfer-Encoding')

    def is_chunked(self):
        if not self.values('transfer-encoding'):
            return False
        codings = self.members('transfer-encoding')
        if self.version < (1, 1):
            raise Refused('400 Bad Request', 'Transfer-Encoding in HTTP/1.0')
        if codings[-1:] != ['chunked'] or codings.count('chunked') > 1:
            raise Refused('400 Bad Request', 'chunked is not the last transfer coding, or not the only one of its kind')
        if len(codings) > 1:
            raise Refused('501 Not Implemented', 'a transfer coding other than chunked')
        return True

    def content_length(self):
        """None when there is no body, or its length is not known before."""
        lengths = self.values('content-length')
        if not lengths:
            return None
        if len(lengths) > 1:
            raise Refused('400 Bad Request', 'more than one Content-Length')
        self.check_length(lengths[0])
        return int(lengths[0])

    def check_length(self, length):
        if not LENGTH.fullmatch(length):
            raise Refused('400 Bad Request', 'an invalid Content-Length')

    def is_persistent(self):
        return self.version >= (1, 1) and 'close' not in self.members('connection')

    def expects_continue(self):
        return self.version >= (1, 1) and '100-continue' in self.members('expect')
