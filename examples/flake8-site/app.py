"""A page that says which commit it is, served by Python's own web server."""
import html
import os
from wsgiref.simple_server import make_server

GREETING = 'Hello from Sluice'

PAGE = """<!doctype html>
<html lang="en">
<title>{greeting}</title>
<h1>{greeting}</h1>
<p>This is <code>{commit}</code>, live on <strong>{stage}</strong>.</p>
</html>
"""


def application(environ, start_response):
    commit = os.environ.get('GIT_COMMIT', 'an unknown commit')
    body = PAGE.format(
        greeting=html.escape(GREETING),
        commit=html.escape(commit),
        stage=html.escape(os.environ.get('STAGE', 'this machine')),
    ).encode('utf-8')
    start_response('200 OK', [
        ('Content-Type', 'text/html; charset=utf-8'),
        ('Content-Length', str(len(body))),
        ('X-Commit', commit),
    ])
    return [body]


if __name__ == '__main__':
    port = int(os.environ.get('PORT', '8000'))
    with make_server('127.0.0.1', port, application) as server:
        print('listening on port', port, flush=True)
        server.serve_forever()
