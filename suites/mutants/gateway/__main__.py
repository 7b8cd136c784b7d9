"""Starts the strict gateway, whole or with one fault: `python3 suites/mutants/gateway --help`."""
import argparse
import importlib
import json
import os
import sys

# As a package: the application's folder has modules of its own, one of them named `environ`.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from gateway import faults, nursery  # noqa: E402
from gateway.server import Server  # noqa: E402


def arguments(words):
    parser = argparse.ArgumentParser(prog='gateway', description='a strict WSGI gateway, for tests')
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=0, help='0 for any that is free')
    parser.add_argument('--chdir', default='.', help="the application's folder")
    parser.add_argument('--app', default='probe:application', help='MODULE:NAME')
    parser.add_argument('--mount', default='', help='path below which the application lives: /lab')
    parser.add_argument('--single-thread', action='store_true', help='one call of the application at a time')
    parser.add_argument('--processes', type=int, default=1)
    parser.add_argument('--set', action='append', default=[], metavar='NAME=VALUE', help='a value for the environ')
    parser.add_argument('--tls', nargs=2, metavar=('CERTIFICATE', 'KEY'), help='files: speak HTTP over TLS')
    parser.add_argument('--fault', metavar='CLAUSE[:NAME]', help='the one rule to break')
    parser.add_argument('--list-faults', action='store_true', help='print them as JSON')
    parser.add_argument('--nursery', action='store_true', help='start others on demand: nursery.py says how')
    return parser.parse_args(words)


def run(options, say):
    """Serves until a signal ends it."""
    if options.fault:
        faults.apply(options.fault)
    server = Server(options)
    server.application = application(options)
    server.listen()
    say('listening on %s:%d' % server.address)
    server.serve()


def application(options):
    os.chdir(options.chdir)
    sys.path.insert(0, os.getcwd())
    module, _, name = options.app.partition(':')
    return getattr(importlib.import_module(module), name)


def main():
    options = arguments(sys.argv[1:])
    if options.list_faults:
        print(json.dumps(faults.listed()))
    elif options.nursery:
        # What every gateway needs is loaded once, before the first.
        faults.load()
        application(options)
        nursery.serve(run, arguments)
    else:
        run(options, lambda text: print(text, flush=True))


main()
