#!/usr/bin/env python3
"""Tests docs/examples/retrying_client.py against a crowfly that is served, by way of a proxy that fails first.

    retrying_client_test.py URL
"""

import http.client
import http.server
import json
import pathlib
import sys
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs/examples"))
import retrying_client

NEAREST = "/collections/places/nearest?lon=8.54&lat=47.37&k=3"
SEARCH = json.dumps({"point": {"type": "Point", "coordinates": [8.54, 47.37]}, "k": 3}).encode()
BREAK = "break"


class Proxy(http.server.ThreadingHTTPServer):
    """Does to the first requests what `faults` has, one after the other: replies with a status, or breaks the connection off. Hands the
    others on."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = target
        self.faults = []
        self.asked = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked += 1
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault == BREAK:
            self.close_connection = True
        elif fault:
            self.reply(fault, b"", [("Retry-After", "0")] if fault in (429, 503) else [])
        else:
            request = urllib.request.Request(self.server.target + self.path, body or None, method=self.command)
            try:
                with urllib.request.urlopen(request) as reply:
                    self.reply(reply.status, reply.read())
            except urllib.error.HTTPError as reply:
                self.reply(reply.code, reply.read())

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def reply(self, status: int, body: bytes, headers=()) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


class RetryingClient(unittest.TestCase):
    target = ""

    def setUp(self) -> None:
        retrying_client.FIRST_PAUSE = 0.001
        self.proxy = Proxy(self.target)
        self.thread = threading.Thread(target=self.proxy.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.proxy.server_address[1]}"

    def tearDown(self) -> None:
        self.proxy.shutdown()
        self.thread.join()
        self.proxy.server_close()

    def ask(self, faults: list, path: str = NEAREST, *arguments, **more) -> int:
        self.proxy.faults = list(faults)
        self.proxy.asked = 0
        status, body = retrying_client.ask(self.url + path, *arguments, **more)
        if status == 200:
            self.assertEqual(len(json.loads(body)["features"]), 3)
        return status

    def test_a_search_is_repeated_until_it_is_answered(self) -> None:
        self.assertEqual(self.ask([BREAK, 503, 500, 429, 502]), 200)
        self.assertEqual(self.proxy.asked, 6)

    def test_at_some_time_it_is_enough(self) -> None:
        self.assertEqual(self.ask([503] * 9), 503)
        self.assertEqual(self.proxy.asked, 6)
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.ask([BREAK] * 9, attempts=2)
        self.assertEqual(self.proxy.asked, 2)

    def test_what_is_wrong_is_not_repeated(self) -> None:
        for path, status in ((NEAREST + "&what=1", 400), ("/collections/none", 404)):
            self.assertEqual(self.ask([], path), status)
            self.assertEqual(self.proxy.asked, 1)
        self.assertEqual(self.ask([], "/knn/search", "POST", b"{}"), 422)
        self.assertEqual(self.proxy.asked, 1)
        for status in (409, 412, 501):
            self.assertEqual(self.ask([status]), status)
            self.assertEqual(self.proxy.asked, 1)

    def test_a_post_is_repeated_when_nothing_was_done(self) -> None:
        self.assertEqual(self.ask([503, 429], "/knn/search", "POST", SEARCH), 200)
        self.assertEqual(self.ask([500], "/knn/search", "POST", SEARCH), 500)
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.ask([BREAK], "/knn/search", "POST", SEARCH)

    def test_a_post_with_a_key_is_repeated(self) -> None:
        self.assertEqual(self.ask([BREAK, 500], "/knn/search", "POST", SEARCH, {"Idempotency-Key": "7"}), 200)
        self.assertEqual(self.ask([BREAK, 500], "/knn/search", "POST", SEARCH, changes_nothing=True), 200)

    def test_retry_after_has_seconds_or_a_date(self) -> None:
        self.assertEqual(retrying_client.asked_pause("3"), 3)
        self.assertEqual(retrying_client.asked_pause(None), 0)
        self.assertEqual(retrying_client.asked_pause("Sun, 06 Nov 1994 08:49:37 GMT"), 0)
        self.assertGreater(retrying_client.asked_pause("Fri, 01 Jan 2100 00:00:00 GMT"), 1e8)
        self.assertEqual(retrying_client.asked_pause("soon"), 0)


if __name__ == "__main__":
    RetryingClient.target = sys.argv.pop()
    unittest.main()
