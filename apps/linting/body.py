"""The iterable that the application returned, watched."""

from linting.call import in_words
from linting.head import bodyless, shown, values
from linting.start import declared_length, took


def watched(returned, call):
    """What the server gets instead of what the application returned: the same, watched, where it can be iterated."""
    rule = "app.iterable-with-write" if call.writes else "app.returns-iterable"
    call.reached(rule)
    if isinstance(returned, (str, bytes, bytearray)):
        call.broken(rule, "it returned %s itself, which is iterated character by character" % type(returned).__name__)
        call.note("left")
        return returned
    try:
        iterator = iter(returned)
    except TypeError:
        call.broken(rule, "it returned %s" % shown(returned))
        call.note("left")
        return returned
    try:
        claimed = len(returned)
    except TypeError:
        return Body(returned, iterator, call)
    return CountedBody(returned, iterator, call, claimed)


class Body:
    """An iterable without a length."""

    def __init__(self, returned, iterator, call, claimed=None):
        self._returned = returned
        self._iterator = iterator
        self._call = call
        self._claimed = claimed
        self.lab_is_plain = isinstance(returned, (list, tuple))
        if claimed is not None:
            call.reached("iter.len-accurate")

    def __iter__(self):
        return self

    def __next__(self):
        call = self._call
        call.iterating = True
        try:
            item = call.step(next, self._iterator)
        except StopIteration:
            if not call.ended:
                call.ended = True
                self._judge_end()
            raise
        finally:
            call.iterating = False
        call.items += 1
        call.reached("app.start-before-first-bytes")
        if item and not call.starts:
            call.broken("app.start-before-first-bytes", "an item came before start_response() was called")
        took(call, item, "an item is of type")
        return item

    def close(self):
        call = self._call
        close = getattr(self._returned, "close", None)
        early = not (call.ended or call.failed)
        if early and not self.lab_is_plain:
            call.reached("app.may-be-cut-short")
        if close is not None:
            call.reached("app.close-clean")
            try:
                close()
            except Exception as error:
                rule = "app.may-be-cut-short" if early else "app.close-clean"
                call.broken(rule, "close() raised %s" % in_words(error))
                raise
            finally:
                call.note("left")
        else:
            call.note("left")

    def _judge_end(self):
        call = self._call
        call.reached("app.start-before-first-bytes")
        if not call.starts:
            call.broken("app.start-before-first-bytes", "the body ended and start_response() was never called")
        if self._claimed is not None and self._claimed != call.items:
            call.broken("iter.len-accurate", "len() is %d, and %d items came" % (self._claimed, call.items))
        if call.bytes and not bodyless(call.status):
            call.reached("app.content-type")
            if call.headers is not None and not values(call.headers, "content-type"):
                call.broken("app.content-type", "%d bytes of body without a Content-Type" % call.bytes)
        if call.method == "HEAD":
            call.reached("app.head-body")
        elif bodyless(call.status):
            call.reached("app.no-body-status")
            if call.bytes:
                call.broken("app.no-body-status", "%d bytes of body beside the status %s" % (call.bytes, call.status))
        elif values(call.headers, "content-length"):
            self._judge_length()

    def _judge_length(self):
        call = self._call
        call.reached("app.content-length-true")
        declared = declared_length(call)
        if declared is None:
            call.broken("app.content-length-true", "Content-Length is %s" % shown(values(call.headers, "content-length")))
        elif call.only_bytes and call.bytes < declared:
            call.broken("app.content-length-true", "%d bytes instead of the %d declared" % (call.bytes, declared))


class CountedBody(Body):
    """An iterable with a length: servers draw conclusions from it."""

    def __len__(self):
        return self._claimed
