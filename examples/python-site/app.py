"""A page that says which commit it is, served by Python's own web server."""
import html
import os
from wsgiref.simple_server import make_server

PAGE = """<!doctype html>
<html lang="en">
<title>Hello from Sluice</title>
<h1>Hello from Sluice</h1>
<p>This is <code>{commit}</code>, live on <strong>{stage}</strong>.</p>
</html>
"""


def page(environment):
    """The page for one instance; `environment` is that of its process."""
    return PAGE.format(
        commit=html.escape(environment.get('GIT_COMMIT', 'an unknown commit')),
        stage=html.escape(environment.get('STAGE', 'this machine')),
    )


def application(request, start_response):
    """The WSGI application: one page at /, nothing elsewhere."""
    if request.get('PATH_INFO') not in ('', '/'):
        start_response('404 Not Found', [('Content-Type', 'text/plain; charset=utf-8')])
        return [b'There is no such page.\n']
    body = page(os.environ).encode('utf-8')
    start_response('200 OK', [('Content-Type', 'text/html; charset=utf-8')])
    return [body]


if __name__ == '__main__':
    port = int(os.environ.get('PORT', '8000'))
    with make_server('127.0.0.1', port, application) as server:
        print('listening on port', port, flush=True)
        server.serve_forever()
