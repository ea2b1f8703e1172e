#!/usr/bin/env python3
"""A client of crowfly that asks again where that may help, and only there. The standard library is enough.

    retrying_client.py 'http://127.0.0.1:8080/collections/places/nearest?lon=8.54&lat=47.37&k=3'

What a request has done is not known when the connection breaks, or a 5xx comes: then only what does the same when it is done twice is sent
again. 429 and 503 say that nothing was done. Any other 4xx would be the same again.
"""

import email.utils
import http.client
import random
import sys
import time
import urllib.error
import urllib.request

SAME_WHEN_REPEATED = {"GET", "HEAD", "PUT", "DELETE"}
NOTHING_WAS_DONE = {429, 503}
MAY_PASS = {500, 502, 504}
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 20.0


def may_repeat(method: str, headers: dict[str, str]) -> bool:
    """Searches by POST change nothing either; give them an Idempotency-Key too, or `changes_nothing`."""
    return method in SAME_WHEN_REPEATED or "idempotency-key" in map(str.lower, headers)


def asked_pause(retry_after: str | None) -> float:
    """Seconds that a Retry-After field asks for, which has a number of them or a date."""
    if not retry_after:
        return 0
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return 0


def pause(attempt: int, retry_after: str | None = None) -> None:
    """Up to twice as long each time, at random, so that clients who were turned away together do not come back together."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
    time.sleep(asked_pause(retry_after) + random.uniform(0, longest))


def ask(url: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None, *,
        changes_nothing: bool = False, attempts: int = 6, timeout: float = 10) -> tuple[int, bytes]:
    """Status and body of the last reply. Raises OSError or http.client.HTTPException when there was none."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    is_repeatable = changes_nothing or may_repeat(method, headers or {})
    for attempt in range(attempts):
        is_last = attempt == attempts - 1
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as reply:
            status, text = reply.code, reply.read()
            may_help = status in NOTHING_WAS_DONE or (status in MAY_PASS and is_repeatable)
            if is_last or not may_help:
                return status, text
            pause(attempt, reply.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException):
            if is_last or not is_repeatable:
                raise
            pause(attempt)
    raise ValueError("at least one attempt is needed")


def main() -> int:
    status, body = ask(sys.argv[1])
    sys.stdout.buffer.write(body + b"\n")
    return 0 if status < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
