"""Lists its WSGI environ as text: one variable a line, sorted, values as Python writes them."""


def application(environ, start_response):
    lines = [f"{name} = {environ[name]!r}\n" for name in sorted(environ)]
    body = "".join(lines).encode("utf-8", "backslashreplace")
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )
    return [body]
