"""shapely's STRtree and PostGIS as peers of shapes_bench.

    shape_peers.py shapely|postgis-geometry|postgis-geography DIRECTORY

Indexes the shapes of DIRECTORY/shapes.wkt, one in a line, and prints "ready". Then, for each line "nearest K", answers the queries
of queries.wkt one after the other, prints the microseconds that took, and leaves the distances of the K-th neighbors in answers.f64
as little-endian doubles: in degrees, of geographies in metres. PostGIS runs in a server of its own, on a socket in DIRECTORY.
"""

import array
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time


class Shapely:
    def __init__(self, directory: pathlib.Path) -> None:
        import shapely
        self.shapely = shapely
        self.shapes = self.read(directory / "shapes.wkt")
        self.tree = shapely.STRtree(self.shapes)

    def read(self, path: pathlib.Path):
        return self.shapely.from_wkt(path.read_text().splitlines())

    def nearest(self, directory: pathlib.Path, k: int):
        assert k == 1, "query_nearest gives the nearest alone"
        queries = self.read(directory / "queries.wkt")
        start = time.perf_counter()
        (found, _), distances = self.tree.query_nearest(queries, return_distance=True, all_matches=False)
        seconds = time.perf_counter() - start
        answers = [0.0] * len(queries)
        for query, distance in zip(found, distances):
            answers[query] = float(distance)
        return seconds, answers


class PostGIS:
    BIN = pathlib.Path("/usr/lib/postgresql/15/bin")

    def __init__(self, directory: pathlib.Path, kind: str) -> None:
        self.kind = kind
        self.home = directory / "postgres"
        self.home.mkdir()
        self.user = None
        if os.geteuid() == 0:  # the server refuses to run as root
            self.user = pwd.getpwnam("postgres")
            os.chmod(directory, 0o755)
            os.chown(self.home, self.user.pw_uid, self.user.pw_gid)
        self.run(self.BIN / "initdb", "-D", self.home / "data", "-A", "trust", "--no-sync")
        self.run(self.BIN / "pg_ctl", "-D", self.home / "data", "-w", "-l", self.home / "log", "-o",
                 f"-c listen_addresses='' -k {self.home} -c shared_buffers=512MB -c jit=off "
                 "-c max_parallel_workers_per_gather=0", "start")
        try:
            self.load(directory)
        except Exception:
            self.stop()
            raise

    def load(self, directory: pathlib.Path) -> None:
        self.sql("CREATE EXTENSION postgis; CREATE TABLE shapes(id serial, g text);")
        self.copy("shapes", directory / "shapes.wkt")
        self.sql(f"CREATE TABLE s AS SELECT id, ST_SetSRID(g::geometry, 4326)::{self.kind} AS g FROM shapes; "
                 "CREATE INDEX ON s USING gist(g); VACUUM ANALYZE s;")

    def run(self, *command) -> None:
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd=self.home, user=self.user.pw_uid if self.user else None,
                       group=self.user.pw_gid if self.user else None)

    def psql(self, *arguments, text: str | None = None) -> str:
        command = ["psql", "-h", str(self.home), "-U", "postgres" if self.user else os.environ.get("USER", "postgres"),
                   "-d", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1", *arguments]
        return subprocess.run(command, check=True, capture_output=True, input=text, text=True).stdout

    def sql(self, text: str) -> str:
        return self.psql(text=text)

    def copy(self, table: str, path: pathlib.Path) -> None:
        self.psql("-c", f"\\copy {table}(g) from '{path}'")

    def nearest(self, directory: pathlib.Path, k: int):
        self.sql("DROP TABLE IF EXISTS queries; CREATE TABLE queries(id serial, g text);")
        self.copy("queries", directory / "queries.wkt")
        self.sql(f"DROP TABLE IF EXISTS q; CREATE TABLE q AS SELECT id, ST_SetSRID(g::geometry, 4326)::{self.kind} AS g "
                 "FROM queries; ANALYZE q;")
        query = ("SELECT q.id, (SELECT max(d) FROM (SELECT ST_Distance(s.g, q.g) AS d FROM s ORDER BY s.g <-> q.g "
                 f"LIMIT {k}) AS t) FROM q ORDER BY q.id")
        output = self.sql(f"\\timing on\n{query};\n").splitlines()
        milliseconds = next(float(line.split()[1]) for line in output if line.startswith("Time:"))
        answers = [float(line.split("|")[1]) for line in output if "|" in line]
        return milliseconds / 1e3, answers

    def stop(self) -> None:
        self.run(self.BIN / "pg_ctl", "-D", self.home / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)


def main() -> None:
    directory = pathlib.Path(sys.argv[2])
    peer = Shapely(directory) if sys.argv[1] == "shapely" else PostGIS(directory, sys.argv[1].split("-")[1])
    try:
        print("ready", flush=True)
        for line in sys.stdin:
            seconds, answers = peer.nearest(directory, int(line.split()[1]))
            array.array("d", answers).tofile(open(directory / "answers.f64", "wb"))
            print(seconds * 1e6, flush=True)
    finally:
        if isinstance(peer, PostGIS):
            peer.stop()


if __name__ == "__main__":
    main()
