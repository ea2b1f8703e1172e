#!/usr/bin/env python3
"""Loads crowfly's service and its peers in one run, on the same machine and the same places, and compares.

    bench/service/run.py [--quick] [options]

Each is asked for the 10 places nearest to random positions, by 1, 16 and 512 connections:

    crowfly            POST /knn/search, without a filter and for one category of eight
    FastAPI + PostGIS  the same contract, in bench/peers/fastapi_postgis
    Redis              GEOSEARCH within a circle that holds about 10 places: it has no search for the k nearest
    crowfly /healthz   what its HTTP can do at most

The answers of crowfly and FastAPI + PostGIS are compared first. What is not there is named and left out. Server and load share the machine's
processors. The figures go to build/bench/service.json too.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/peers"))
K = 10
CATEGORY = "hotel"  # one of eight, each of which an eighth of the places has
MOST_DIFFERENCE = 0.006  # PostGIS orders geographies by the sphere, whose distances differ by so much


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def options_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Loads crowfly's service and its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer places, one second each: to see that all works")
    parser.add_argument("-o", "--output", default="build/bench/service.json", help="where the rows go as JSON")
    parser.add_argument("--places", type=int, default=2_237_580)
    parser.add_argument("--queries", type=int, default=20_000, help="different positions to search from")
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 512])
    parser.add_argument("--compared", type=int, default=300, help="answers that are compared")
    parser.add_argument("--no-peers", action="store_true", help="crowfly alone")
    parser.add_argument("--bin", default="build/release/bin", help="where the programs are")
    options = parser.parse_args(arguments)
    if options.quick:
        options.places = min(options.places, 50_000)
        options.queries = min(options.queries, 1_000)
        options.seconds = 1
    return options


# The systems.


@contextlib.contextmanager
def process(command: list, url_in_log: bool = False, **more):
    """Runs a server; gives it and, if so asked, the address that it tells on standard error."""
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=log, **more)
        try:
            yield server, (address_in(log, server) if url_in_log else None)
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def address_in(log, server: subprocess.Popen) -> str:
    while True:
        log.seek(0)
        text = log.read()
        found = re.search(r"http://127\.0\.0\.1:([1-9]\d*)", text)
        if found:
            return found.group(0)
        if server.poll() is not None:
            raise RuntimeError(f"the server did not start: {text}")
        time.sleep(0.05)


@contextlib.contextmanager
def crowfly(options: argparse.Namespace, directory: pathlib.Path):
    program = ROOT / options.bin / "crowfly"
    store = directory / "places.gpkg"
    subprocess.run([program, "import", directory / "places.csv", "--to", store], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with process([program, "serve", store, "--listen", "127.0.0.1:0"], url_in_log=True) as (_, url):
        yield url


def fastapi_python() -> pathlib.Path | None:
    """Of a virtual environment with what the peer needs."""
    venv = ROOT / "build/bench/fastapi"
    wanted = ROOT / "bench/peers/fastapi_postgis/requirements.txt"
    installed = venv / "installed.txt"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        shutil.rmtree(venv, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", venv]).returncode == 0 and subprocess.run(
            [venv / "bin/pip", "install", "--quiet", "--requirement", wanted]).returncode == 0
        if not made:
            shutil.rmtree(venv, ignore_errors=True)
            return None
        installed.write_text(wanted.read_text())
    return venv / "bin/python"


@contextlib.contextmanager
def postgis(directory: pathlib.Path):
    """A PostgreSQL of its own with the places; gives the directory of its socket."""
    from store_peers import Server
    server = Server(directory)
    try:
        server.sql("CREATE INDEX ON places (category); ANALYZE places;")
        yield server.home
    finally:
        server.stop()


@contextlib.contextmanager
def fastapi(directory: pathlib.Path):
    """Gives the address, or None."""
    if not pathlib.Path("/usr/lib/postgresql/15/bin/initdb").exists():
        say("FastAPI + PostGIS is left out: PostgreSQL 15 is not there (scripts/setup.sh bench)")
        yield None
        return
    python = fastapi_python()
    if python is None:
        say("FastAPI + PostGIS is left out: build/bench/fastapi could not be made")
        yield None
        return
    with postgis(directory) as sockets:
        port = free_port()
        with process([python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", port, "--workers",
                      os.cpu_count(), "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level",
                      "warning"], cwd=ROOT / "bench/peers/fastapi_postgis",
                     env=os.environ | {"POSTGRES_SOCKETS": str(sockets)}) as (server, _):
            url = f"http://127.0.0.1:{port}"
            wait_for(url, server)
            yield url


def free_port() -> int:
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url + "/openapi.json", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


@contextlib.contextmanager
def redis(directory: pathlib.Path):
    """Gives the socket, or None."""
    if shutil.which("redis-server") is None or shutil.which("redis-cli") is None:
        say("Redis is left out: redis-server is not there (scripts/setup.sh bench)")
        yield None
        return
    path = directory / "redis.sock"
    with process(["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"]) as (server, _):
        while not path.exists():
            if server.poll() is not None:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.05)
        load_redis(directory, path)
        yield path


def load_redis(directory: pathlib.Path, path: pathlib.Path) -> None:
    client = subprocess.Popen(["redis-cli", "-s", path], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    with open(directory / "places.csv", encoding="utf-8") as places:
        next(places)
        words = []
        for line in places:
            place, _, _, lon, lat = line.rstrip("\n").split(",")
            words += [lon, lat, place]
            if len(words) == 3000:
                client.stdin.write(f"GEOADD places {' '.join(words)}\n")
                words = []
        if words:
            client.stdin.write(f"GEOADD places {' '.join(words)}\n")
    client.stdin.close()
    if client.wait() != 0:
        raise RuntimeError("redis-cli has failed")


# The questions.


def queries_in(directory: pathlib.Path) -> list[tuple[float, float]]:
    lines = (directory / "queries.csv").read_text().splitlines()
    return [tuple(map(float, line.split(",")[1:])) for line in lines]


def body_of(query: tuple[float, float], category: str | None) -> str:
    body = {"point": {"type": "Point", "coordinates": list(query)}, "k": K}
    if category:
        body["category_filter"] = category
    return json.dumps(body, separators=(",", ":"))


def answer_of(url: str, body: str) -> list[tuple[str, float]]:
    request = urllib.request.Request(url + "/knn/search", body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        features = json.load(response)["features"]
    return [(feature["id"], feature["properties"]["distance_meters"]) for feature in features]


def compare(url: str, peer: str, queries: list[tuple[float, float]]) -> None:
    """Throws when distances, rank by rank, differ by more than sphere and spheroid do."""
    same = total = 0
    worst = 0.0
    for category in (None, CATEGORY):
        for query in queries:
            body = body_of(query, category)
            own, other = answer_of(url, body), answer_of(peer, body)
            if len(own) != len(other):
                raise RuntimeError(f"{body}: crowfly gives {len(own)} places, PostGIS {len(other)}")
            total += 1
            same += own == other
            for (_, a), (_, b) in zip(own, other):
                difference = abs(a - b) / max(a, b, 1)
                worst = max(worst, difference)
                if difference > MOST_DIFFERENCE:
                    raise RuntimeError(f"{body}: crowfly has {own}, PostGIS {other}")
    say(f"of {total} answers {same} are the same as PostGIS's; in the others, which it orders by the sphere, distances "
        f"differ by at most {100 * worst:.3f} %")


def redis_commands(url: str, queries: list[tuple[float, float]]) -> str:
    """With circles that hold k places, and not many more."""
    commands = ""
    for lon, lat in queries:
        reach = 1.01 * answer_of(url, body_of((lon, lat), None))[-1][1] + 100
        commands += (f"GEOSEARCH places FROMLONLAT {lon:.7f} {lat:.7f} BYRADIUS {reach:.1f} m ASC COUNT {K} "
                     "WITHDIST WITHCOORD\n")
    return commands


# The loads.


def wrk(url: str, connections: int, seconds: float, *file: pathlib.Path) -> dict:
    command = ["wrk", "--threads", str(min(connections, os.cpu_count())), "--connections", str(connections), "--duration",
               f"{max(1, round(seconds))}s", "--timeout", "30s", "--script", ROOT / "bench/service/requests.lua", url,
               "--", *file]
    said = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    return json.loads(next(line for line in said.splitlines() if line.startswith("{")))


def redis_load(path: pathlib.Path, commands: pathlib.Path, connections: int, seconds: float) -> dict:
    said = subprocess.run([sys.executable, ROOT / "bench/service/redis_load.py", path, commands, str(connections), str(seconds)],
                          check=True, capture_output=True, text=True).stdout
    return json.loads(said)


class Table:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.rows = []

    def measure(self, system: str, work: str, load) -> None:
        """`load` is given how many connections and how long. What it gives after a second of warming up counts."""
        for connections in self.options.connections:
            load(connections, 1)
            figures = load(connections, self.options.seconds)
            if figures["errors"] or figures["not_200"]:
                say(f"{system}, {work}, {connections} connections: {figures['errors']} errors, {figures['not_200']} replies "
                    "that are not 200")
            self.rows.append({"suite": "service", "system": system, "work": work, "connections": connections, "k": K,
                              "n": self.options.places, "requests_per_second": figures["requests"] / figures["seconds"]}
                             | {name: figures[name] for name in ("p50_ms", "p99_ms", "max_ms", "errors", "not_200")})

    def rate(self, system: str, work: str, connections: int) -> float | None:
        return next((row["requests_per_second"] for row in self.rows if
                     (row["system"], row["work"], row["connections"]) == (system, work, connections)), None)

    def print(self) -> None:
        line = "{:<18} {:<9} {:>11} {:>11} {:>9} {:>9} {:>9} {:>8}"
        print(line.format("system", "work", "connections", "requests/s", "p50 ms", "p99 ms", "max ms", "ratio"))
        for row in self.rows:
            own = self.rate("crowfly", row["work"], row["connections"]) or self.rate("crowfly", "search", row["connections"])
            ratio = own / row["requests_per_second"]
            print(line.format(row["system"], row["work"], row["connections"], f"{row['requests_per_second']:.0f}",
                              f"{row['p50_ms']:.3f}", f"{row['p99_ms']:.3f}", f"{row['max_ms']:.2f}", f"{ratio:.2f}"))
        print("ratio: requests a second of crowfly's search over those of this row")

    def write(self) -> None:
        path = ROOT / self.options.output
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.rows, indent=1) + "\n")


def load_crowfly_and_fastapi(options: argparse.Namespace, directory: pathlib.Path, url: str, table: Table) -> None:
    files = {"search": directory / "search", "filtered": directory / "filtered"}
    queries = queries_in(directory)
    files["search"].write_text("\n".join(body_of(query, None) for query in queries))
    files["filtered"].write_text("\n".join(body_of(query, CATEGORY) for query in queries))
    with contextlib.ExitStack() as stack:
        peer = None if options.no_peers else stack.enter_context(fastapi(directory))
        if peer:
            compare(url, peer, queries[:max(1, options.compared // 2)])
        for system, address in (("crowfly", url), ("FastAPI + PostGIS", peer)):
            for work, file in files.items() if address else ():
                table.measure(system, work, lambda connections, seconds: wrk(address + "/knn/search", connections, seconds, file))
    table.measure("crowfly /healthz", "alive", lambda connections, seconds: wrk(url + "/healthz", connections, seconds))


def load_redis_too(options: argparse.Namespace, directory: pathlib.Path, url: str, table: Table) -> None:
    with redis(directory) as path:
        if path is None:
            return
        commands = directory / "commands"
        commands.write_text(redis_commands(url, queries_in(directory)[:2_000]))
        table.measure("Redis", "search", lambda connections, seconds: redis_load(path, commands, connections, seconds))


def main() -> None:
    options = options_of(sys.argv[1:])
    if shutil.which("wrk") is None:
        sys.exit("bench: wrk is not there: scripts/setup.sh bench installs it")
    table = Table(options)
    with tempfile.TemporaryDirectory(prefix="crowfly-service-") as name:
        directory = pathlib.Path(name)
        subprocess.run([ROOT / options.bin / "write_service_places", directory, str(options.places), str(options.queries)],
                       check=True)
        with crowfly(options, directory) as url:
            load_crowfly_and_fastapi(options, directory, url, table)
            if not options.no_peers:
                load_redis_too(options, directory, url, table)
    table.print()
    table.write()


if __name__ == "__main__":
    main()
