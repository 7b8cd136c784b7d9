"""wsgi.input and wsgi.errors, watched."""


class Watched:
    """
    A stream of the server's. Use of anything but what PEP 3333 lists is noted, and works all the same. Who only asks
    whether there is more, and does without, uses nothing.
    """

    def __init__(self, stream, name, call):
        self._lab_stream = stream
        self._lab_name = name
        self._lab_call = call

    def __getattr__(self, name):
        self._lab_call.missed = name
        value = getattr(self._lab_stream, name)
        self._lab_call.missed = None
        # Python asks for names with underscores on its own account.
        if name.startswith("__"):
            return value
        if not callable(value):
            self._lab_unlisted(name)
            return value

        def noted(*given, **named):
            self._lab_unlisted(name)
            return value(*given, **named)

        return noted

    def __enter__(self):
        self._lab_unlisted("with")
        return self._lab_stream.__enter__()

    def __exit__(self, *reason):
        return self._lab_stream.__exit__(*reason)

    def __next__(self):
        self._lab_unlisted("next()")
        return next(self._lab_stream)

    def _lab_unlisted(self, name):
        self._lab_call.broken("app.streams-only-listed", "%s: %s" % (self._lab_name, name))


class Input(Watched):
    """wsgi.input; knows how much of the body is left."""

    def __init__(self, stream, environ, call):
        super().__init__(stream, "wsgi.input", call)
        length = environ.get("CONTENT_LENGTH") or ""
        self._lab_left = int(length) if length.isdigit() else 0
        # These say that the stream has an end of its own, whatever CONTENT_LENGTH is.
        self._lab_bounded = not (environ.get("wsgi.input_terminated") or "HTTP_TRANSFER_ENCODING" in environ)

    def read(self, *size):
        # Without a size (or with -1) it means "the rest", which the specification defines as up to the end.
        self._lab_wants("read", size[0] if size and isinstance(size[0], int) else 0)
        return self._lab_took(self._lab_stream.read(*size))

    def readline(self, *size):
        self._lab_wants("readline", 1 if self._lab_left == 0 and size != (0,) else 0)
        return self._lab_took(self._lab_stream.readline(*size))

    def readlines(self, *hint):
        self._lab_wants("readlines", 0)
        lines = self._lab_stream.readlines(*hint)
        self._lab_took(b"".join(lines))
        return lines

    def __iter__(self):
        self._lab_wants("iteration", 0)
        for line in self._lab_stream:
            yield self._lab_took(line)

    def _lab_wants(self, method, size):
        call = self._lab_call
        call.reached("app.streams-only-listed", "app.no-read-past")
        if self._lab_bounded and size > self._lab_left:
            saw = "%s(%s) with %d bytes left" % (method, size if method == "read" else "", self._lab_left)
            call.broken("app.no-read-past", saw)

    def _lab_took(self, data):
        self._lab_left = max(0, self._lab_left - len(data))
        return data


class Errors(Watched):
    """wsgi.errors."""

    def __init__(self, stream, call):
        super().__init__(stream, "wsgi.errors", call)

    def write(self, text):
        self._lab_call.reached("app.streams-only-listed")
        return self._lab_stream.write(text)

    def writelines(self, lines):
        self._lab_call.reached("app.streams-only-listed")
        return self._lab_stream.writelines(lines)

    def flush(self):
        self._lab_call.reached("app.streams-only-listed")
        return self._lab_stream.flush()
