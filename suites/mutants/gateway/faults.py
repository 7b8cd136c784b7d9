"""Faults: each makes the strict gateway break exactly one rule, so that its clause can be seen to fail.

How to write one
    In `suites/mutants/faults/`, in the file named after the clause's suite (`pep3333_call.py` for `pep3333-call`):

        from gateway.exchange import Exchange
        from gateway.faults import fault

        @fault('iter.close-normal', 'does not call close() after a complete response')
        def _():
            Exchange.close_after_success = lambda self: None

    The first argument is the clause's id without its suite, the second ends the sentence "This gateway ...". The
    function replaces methods of the gateway's classes by ones that are as they should be but for the one thing. A
    clause may have several faults, told apart by `name='...'`. One process has at most one fault.

    also=(...)      ids of the other clauses that cannot but fail or be blocked with this one, as few as can be
    observed=True   for a clause without a right answer: nothing fails, but something else is observed
    tls=True        for a clause about TLS: the gateway has to be started with it

Hooks: methods of these classes
    Request (request.py, message_head.py)
        read_line, check_line_end, line_limit, field_lines_limit, read_request_line, check_version, read_fields,
        add_field, refuse_fold, check_field_name, refuse_space_before_colon, field_name, check_field_value,
        values, members, resolve_target, use_authority, check_host, refuse_missing_host, refuse_duplicate_host,
        check_host_value, refuse_both_framings, is_chunked, content_length, check_length, is_persistent,
        expects_continue
    Environ (environ.py)
        build and its parts: deployer, location (script_name, path_info, query_string), body, addresses (server_name,
        remote_addr, software), tls, http (is_dropped, dropped, key, merged), wsgi (url_scheme), flags
    Counted, Chunked (bodies.py)
        some; next_chunk, line, chunk_size
    Input, ErrorStream (streams.py)
        read, readline, readlines, __iter__, _take, _more, _past_end (a read past the end), _invite (sends 100),
        is_lost, drain; write, writelines, flush. `report` is the gateway's own log
    FileWrapper (file_wrapper.py)
        __init__, __iter__, __next__, read_block, close_file
    Exchange (exchange.py)
        serve, is_mounted, run, environ, call, iterate, count (`len()` of the result), close_after_success,
        close_after_error, close_after_disconnect, close, fail, abort, send_page, send_file, drain, log, log_exception
    File (files.py)
        modified, answer, dated, respond, allowed, same_fields, representation, unsatisfied, content_range, is_matched,
        is_known, is_any, is_unmodified, tags, date, may_range, is_same, ranges, part, parts, multipart
    Response (response.py, head.py, checks.py)
        start_response, refuse_second_call, reraise, forget_head, store_head, write, refuse_write_past_length,
        check_block, send_item, send_block, within_length, framed, is_complete, finish, last_chunk,
        persistent_after_short_body, log_short_body
        commit, end_to_end_fields, frame, can_count, frame_uncounted, request_can_end, own_fields, has_header,
        declared_length, remaining, is_bodyless, is_head, has_bodyless_status
        check_head, check_native, check_latin1, check_status_form, check_status_control, check_list, check_name,
        check_value, check_end_to_end, check_content_length
    Connection (connection.py)
        serve_one, send, reset, close (in stages); peer, local
    Server (server.py)
        accept, fork (and `processes`), turn (around one call of the application), `single_thread`, `mount`

    To add to what a method does rather than replace it, keep the old one: `before = Environ.build`.
"""
import importlib
import os

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'faults')
_faults = []


class Fault:
    def __init__(self, suite, clause, name, says, also, observed, tls, break_it):
        self.suite = suite
        self.clause = clause
        self.name = name
        self.says = says
        self.also = also
        self.observed = observed
        self.tls = tls
        self.break_it = break_it

    @property
    def key(self):
        return self.clause + (':' + self.name if self.name else '')


def fault(clause, says, also=(), observed=False, tls=False, name=''):
    """Registers the decorated function as what breaks the clause."""

    def register(break_it):
        suite = break_it.__module__.rpartition('.')[2].replace('_', '-')
        added = Fault(suite, clause, name, says, list(also), observed, tls, break_it)
        if any(each.key == added.key for each in _faults):
            raise ValueError('two faults are named ' + added.key)
        _faults.append(added)
        return break_it

    return register


def load():
    """All faults, from the files of the folder."""
    if not _faults:
        for file in sorted(os.listdir(_FOLDER)):
            if file.endswith('.py'):
                importlib.import_module('faults.' + file[:-3])
    return _faults


def apply(key):
    """Breaks the gateway of this process in the way that `--fault` names."""
    for each in load():
        if each.key == key:
            each.break_it()
            return
    raise SystemExit('there is no fault ' + key)


def listed():
    """The faults as data."""
    shown = ('suite', 'clause', 'name', 'says', 'also', 'observed', 'tls')
    return [{name: getattr(each, name) for name in shown} for each in load()]
