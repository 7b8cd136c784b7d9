"""Finds a user's own application, named as FILE:callable, or says in words why it cannot be had."""

import importlib
import importlib.util
import inspect
import os
import site
import sys
import traceback

ADVICE_ON_PACKAGES = (
    "It runs on the lab's Python %d.%d: name the folder of its packages with --python-path, as in "
    "--python-path .venv/lib/python%d.%d/site-packages." % (sys.version_info[:2] * 2)
)


class Refused(Exception):
    """The application cannot be had: `kind` is usage or environment, then what happened and what to do."""

    def __init__(self, kind, happened, todo):
        super().__init__(happened)
        self.kind = kind
        self.happened = happened
        self.todo = todo


def load(named, search_path=""):
    """The callable named by FILE:callable. Its project's folder becomes the working folder, as when it is run there."""
    file, _, name = named.rpartition(":")
    known = list(sys.path)
    for folder in [folder for folder in search_path.split(os.pathsep) if folder]:
        # As Python adds its own, with the .pth files that are there; but before the lab's, which may be older.
        site.addsitedir(folder)
    sys.path[:] = [folder for folder in sys.path if folder not in known] + known
    found = imported(file)
    for part in name.split("."):
        if not hasattr(found, part):
            near = [key for key, value in vars(found).items() if callable(value) and not key.startswith("_")]
            some = "Callables there: %s." % ", ".join(sorted(near)[:20]) if near else "There is no callable in it."
            raise Refused("usage", "%s has no %s." % (file, name), some)
        found = getattr(found, part)
    refuse_uncallable(found, "%s:%s" % (os.path.basename(file), name))
    return found


def imported(file):
    """The module in a file, by its full name when the file belongs to a package."""
    folder, stem = os.path.split(file[:-3] if file.endswith(".py") else file)
    names = [stem]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        names.insert(0, package)
    sys.path.insert(0, folder)
    try:
        os.chdir(folder)
        if len(names) > 1:
            return importlib.import_module(".".join(names))
        # Not by its name alone: it may be that of a module of the lab's, or of Python's.
        name = stem if stem not in sys.modules else "lab_mounted_application"
        spec = importlib.util.spec_from_loader(name, importlib.machinery.SourceFileLoader(name, file))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module
    except (Exception, SystemExit) as error:
        # The lines of the import machinery and of this file help nobody.
        tail = traceback.format_exception(type(error), error, error.__traceback__)
        own = [line for line in tail if "importlib" not in line and __file__ not in line]
        happened = "%s cannot be imported:\n%s" % (file, last_lines("".join(own)))
        missing = isinstance(error, ImportError)
        raise Refused(
            "environment", happened, ADVICE_ON_PACKAGES if missing else "Mend what it says, then try again."
        ) from error


def last_lines(text, count=6):
    return "\n".join("  " + line for line in text.rstrip().split("\n")[-count:])


def refuse_uncallable(found, name):
    if not callable(found):
        happened = "%s is of type %s and cannot be called." % (name, type(found).__name__)
        raise Refused("usage", happened, "Name a callable that takes (environ, start_response).")
    try:
        # Not that of a function within a decorator: only the outermost is called.
        signature = inspect.signature(found, follow_wrapped=False)
    except (TypeError, ValueError):
        return  # Written in C, say: calling it will tell.
    try:
        signature.bind({}, lambda *_: None)
    except TypeError:
        happened = "%s takes %s, a WSGI application takes (environ, start_response)." % (name, signature)
        if len(signature.parameters) == 3:
            todo = "(scope, receive, send) would be ASGI, which the lab does not know."
        else:
            todo = "If it makes the application, write application = %s(...) into a file and name that." % name.split(":")[-1]
        raise Refused("usage", happened, todo) from None
