"""PostGIS and Redis as peers of store_bench.

    store_peers.py redis DIRECTORY
    store_peers.py postgis DIRECTORY

Redis: starts a server on DIRECTORY/redis.sock that writes each change to disk before it answers, prints "ready", and ends it at the
end of standard input; store_bench itself is its client.

PostGIS: loads DIRECTORY/places.csv (id, name, category, lon, lat) and queries.csv (number, lon, lat), and prints "ready". Then, for a
line "IDLE_SECONDS SECONDS RATE BATCH PLACES", has pgbench search from 2 clients for IDLE_SECONDS, then for SECONDS while 4 more move
RATE places a second, BATCH in a transaction; and prints in a line: of searches when idle the microseconds of the median, the 99th
percentile and the longest; the same of searches meanwhile; the same of transactions that move, from when they were due; and how
many places were moved in a second.
"""

import pathlib
import subprocess
import sys
import time

from shape_peers import PostGIS

SEARCH = """\\set i random(0, {queries} - 1)
SELECT p.id, p.name, p.category, p.d FROM queries AS q, LATERAL (SELECT id, name, category, ST_Distance(g, q.g) AS d
    FROM places ORDER BY g <-> q.g LIMIT 10) AS p WHERE q.i = :i;
"""
MOVE = """UPDATE places AS p SET g = ST_SetSRID(ST_MakePoint(
        least(180, greatest(-180, ST_X(p.g::geometry) + (random() - 0.5) * 0.02)),
        least(85, greatest(-85, ST_Y(p.g::geometry) + (random() - 0.5) * 0.02))), 4326)::geography
    FROM (SELECT DISTINCT floor(random() * {places})::bigint AS id FROM generate_series(1, {batch}) ORDER BY 1) AS v
    WHERE p.id = v.id;
"""


def redis(directory: pathlib.Path) -> None:
    socket = directory / "redis.sock"
    server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(directory),
                               "--save", "", "--appendonly", "yes", "--appendfsync", "always"],
                              stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            if server.poll() is not None:
                sys.exit(1)
            time.sleep(0.05)
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        server.kill()
        server.wait()


class Server(PostGIS):
    def __init__(self, directory: pathlib.Path) -> None:
        super().__init__(directory, "geography")

    def load(self, directory: pathlib.Path) -> None:
        self.sql("ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf(); CREATE EXTENSION postgis; "
                 "CREATE TABLE loaded(id bigint, name text, category text, lon float8, lat float8); "
                 "CREATE TABLE read(i int, lon float8, lat float8);")
        self.psql("-c", f"\\copy loaded from '{directory / 'places.csv'}' csv header")
        self.psql("-c", f"\\copy read from '{directory / 'queries.csv'}' csv")
        point = "ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography AS g"
        self.sql(f"CREATE TABLE places AS SELECT id, name, category, {point} FROM loaded; "
                 f"CREATE TABLE queries AS SELECT i, {point} FROM read; DROP TABLE loaded, read; "
                 "ALTER TABLE places ADD PRIMARY KEY (id); ALTER TABLE queries ADD PRIMARY KEY (i); "
                 "CREATE INDEX ON places USING gist(g); CHECKPOINT;")
        self.sql("VACUUM ANALYZE places;")
        self.queries = int(self.sql("SELECT count(*) FROM queries;"))

    def pgbench(self, script: str, clients: int, seconds: float, name: str, *more: str) -> subprocess.Popen:
        path = self.home / f"{name}.sql"
        path.write_text(script)
        user = self.user.pw_name if self.user else None
        return subprocess.Popen([str(self.BIN / "pgbench"), "-h", str(self.home), "-n", "-M", "prepared", "-f", str(path),
                                 "-c", str(clients), "-j", str(clients), "-T", str(max(1, round(seconds))), "-l",
                                 f"--log-prefix={self.home / name}", *more, "postgres"],
                                stdout=subprocess.DEVNULL, cwd=self.home, user=user)

    def latencies(self, name: str) -> list[int]:
        """Microseconds of each transaction."""
        times = []
        for path in self.home.glob(f"{name}.[0-9]*"):
            times += [int(line.split()[2]) for line in path.read_text().splitlines()]
        return sorted(times)

    def run_load(self, idle: float, seconds: float, rate: float, batch: int, places: int) -> list[float]:
        search = SEARCH.format(queries=self.queries)
        assert self.pgbench(search, 2, idle, "idle").wait() == 0
        movers = self.pgbench(MOVE.format(places=places, batch=batch), 4, seconds, "moves", "-R", str(rate / batch))
        assert self.pgbench(search, 2, seconds, "moving").wait() == 0
        assert movers.wait() == 0
        figures = []
        for name in ("idle", "moving", "moves"):
            times = self.latencies(name)
            figures += [times[len(times) // 2], times[len(times) * 99 // 100], times[-1]]
        return figures + [len(self.latencies("moves")) * batch / max(1, round(seconds))]


def postgis(directory: pathlib.Path) -> None:
    server = Server(directory)
    try:
        print("ready", flush=True)
        for line in sys.stdin:
            idle, seconds, rate, batch, places = line.split()
            print(*server.run_load(float(idle), float(seconds), float(rate), int(batch), int(places)), flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    {"redis": redis, "postgis": postgis}[sys.argv[1]](pathlib.Path(sys.argv[2]))
