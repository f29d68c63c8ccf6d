"""An S3 server on a free port of this machine, with one bucket, that stands still where a test says so.

GET /-/stop-at/N: from the N-th request on that changes something, counted from now and from 1, none is answered; 0: all are.
Those that wait then are refused. GET /-/changes: how many came since; GET /-/requests: the same of all requests, by method.
"""

import json
import threading
from collections import Counter

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Standstill:
    def __init__(self, store):
        self.store = store
        self.lock = threading.Condition()
        self.stop_at = 0
        self.round = 0
        self.changes = 0
        self.requests = Counter()

    def __call__(self, environ, start):
        path = environ["PATH_INFO"]
        if path.startswith("/-/"):
            return self.told(path, start)
        with self.lock:
            self.requests[environ["REQUEST_METHOD"]] += 1
            if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
                self.changes += 1
                if 0 < self.stop_at <= self.changes:
                    mine = self.round
                    self.lock.wait_for(lambda: self.round > mine)
                    start("503 Service Unavailable", [("Connection", "close")])
                    return []
        return self.store(environ, start)

    def told(self, path, start):
        with self.lock:
            if path.startswith("/-/stop-at/"):
                self.stop_at = int(path.rsplit("/", 1)[1])
                self.round += 1
                self.changes = 0
                self.requests.clear()
                self.lock.notify_all()
            answer = json.dumps(self.changes if path == "/-/changes" else self.requests).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]


# Otherwise every request has a connection of its own.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
WSGIRequestHandler.log_request = lambda *_: None
server = make_server("127.0.0.1", 0, Standstill(DomainDispatcherApplication(create_backend_app)), threaded=True)
print(f"listens on {server.port}", flush=True)
server.serve_forever()
