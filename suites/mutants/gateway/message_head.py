"""The lines of a request's head, read by the letter of RFC 9112. What does not match is refused."""
import re

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
CONTROL = re.compile(r'[\x00-\x08\x0a-\x1f\x7f]')


class EndOfConnection(Exception):
    """The client closed between two requests."""


class ClientGone(Exception):
    """What is sent can no longer arrive."""


class Refused(Exception):
    """A request that is not served: the status that says so, and why."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status
        self.why = why


class MessageHead:
    line_limit = 16 * 1024
    field_lines_limit = 200

    def read_line(self, too_long):
        line = self.reader.readline(self.line_limit + 1)
        if not line:
            raise EndOfConnection
        if len(line) > self.line_limit:
            raise Refused(too_long, 'a line of more than %d bytes' % self.line_limit)
        self.check_line_end(line)
        return line.rstrip(b'\r\n').decode('latin-1')

    def check_line_end(self, line):
        if not line.endswith(b'\r\n') or b'\r' in line[:-2]:
            raise Refused('400 Bad Request', 'a line that does not end in CR LF, or a CR within one')

    def read_fields(self):
        fields = []
        while True:
            line = self.read_line('431 Request Header Fields Too Large')
            if not line:
                return fields
            if len(fields) == self.field_lines_limit:
                raise Refused('431 Request Header Fields Too Large', 'more than %d fields' % self.field_lines_limit)
            self.add_field(fields, line)

    def add_field(self, fields, line):
        self.refuse_fold(line)
        name, colon, value = line.partition(':')
        self.check_field_name(name if colon else '')
        value = value.strip(' \t')
        self.check_field_value(value)
        fields.append((self.field_name(name), value))

    def refuse_fold(self, line):
        if line[0] in ' \t':
            raise Refused('400 Bad Request', 'obsolete line folding')

    def check_field_name(self, name):
        if name != name.rstrip(' \t'):
            self.refuse_space_before_colon()
        elif not TOKEN.fullmatch(name):
            raise Refused('400 Bad Request', 'not a field line')

    def refuse_space_before_colon(self):
        raise Refused('400 Bad Request', 'whitespace between a field name and its colon')

    def field_name(self, name):
        return name.strip()

    def check_field_value(self, value):
        if CONTROL.search(value):
            raise Refused('400 Bad Request', 'a control character in a field value')

    def values(self, name):
        return [value for each, value in self.fields if each.lower() == name]

    def members(self, name):
        """The members of a field that is a list, in lower case."""
        return [member.strip().lower() for member in ','.join(self.values(name)).split(',') if member.strip()]
