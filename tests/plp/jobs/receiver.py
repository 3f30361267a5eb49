"""A program that takes what the webhook posts, and may refuse it."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Receiver(HTTPServer):
    """It answers as `answers` says, then 204; `posts` are all that came."""

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers, self.posts = list(answers), []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/plp"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answers.pop(0) if self.server.answers else 204
        self.server.posts.append((self.path, dict(self.headers), body, answer))
        if answer is None:
            self.connection.close()  # as a program that dies
            return
        self.send_response(answer)
        if answer == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiver(*answers):
    with Receiver(*answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
