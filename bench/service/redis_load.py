"""Has Redis search from many connections at once, as wrk does with services that speak HTTP.

    redis_load.py SOCKET COMMANDS CONNECTIONS SECONDS

COMMANDS has one command in each line. Each connection sends one, chosen at random, and the next when the reply is there. Prints a line of
JSON as requests.lua does. Redis answers in one thread; this client is another one.
"""

import json
import pathlib
import random
import selectors
import socket
import sys
import time


def encoded(line: str) -> bytes:
    words = line.split()
    return f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words)


def is_whole(reply: bytearray) -> bool:
    """Whether all of a list is there, each element of which has an id, a distance, and a position of two numbers."""
    first = reply.find(b"\r\n")
    if first < 0:
        return False
    if reply[:1] != b"*":
        raise RuntimeError(reply[:first].decode())
    lines_of_an_element = 1 + 2 + 2 + 1 + 2 + 2
    return reply.count(b"\r\n") == 1 + int(reply[1:first]) * lines_of_an_element


def load(path: str, commands: list[bytes], connections: int, seconds: float) -> dict:
    selector = selectors.DefaultSelector()
    generator = random.Random(1)
    times = []

    def send(connection: socket.socket) -> tuple[float, bytearray]:
        connection.send(generator.choice(commands))
        return time.perf_counter(), bytearray()

    for _ in range(connections):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        selector.register(connection, selectors.EVENT_READ, send(connection))
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for key, _ in selector.select():
            sent, reply = key.data
            reply += key.fileobj.recv(65536)
            if is_whole(reply):
                times.append(time.perf_counter() - sent)
                selector.modify(key.fileobj, selectors.EVENT_READ, send(key.fileobj))
    took = time.perf_counter() - start
    times.sort()
    return {"requests": len(times), "seconds": took, "p50_ms": 1e3 * times[len(times) // 2],
            "p99_ms": 1e3 * times[len(times) * 99 // 100], "max_ms": 1e3 * times[-1], "errors": 0, "not_200": 0}


def main() -> None:
    path, commands, connections, seconds = sys.argv[1:]
    lines = pathlib.Path(commands).read_text().splitlines()
    print(json.dumps(load(path, [encoded(line) for line in lines], int(connections), float(seconds))))


if __name__ == "__main__":
    main()
