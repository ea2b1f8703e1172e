"""scikit-learn's DBSCAN and PostGIS's ST_ClusterDBSCAN as peers of cluster_bench.

    cluster_peers.py scikit-learn|scikit-learn-haversine|postgis DIRECTORY

Reads the points of DIRECTORY/points.f64, pairs of little-endian doubles, and prints "ready". Then, for each line "EPS MIN_POINTS THREADS",
clusters them, prints the microseconds that took, and leaves the labels in labels.f64, noise as -1. EPS is in the unit of the
points, for haversine in metres.
"""

import array
import pathlib
import sys
import time

from shape_peers import PostGIS

EARTH_RADIUS = 6371008.7714150598  # metres, as core has it


class ScikitLearn:
    def __init__(self, directory: pathlib.Path, haversine: bool) -> None:
        import numpy
        import sklearn.cluster
        self.dbscan = sklearn.cluster.DBSCAN
        self.haversine = haversine
        points = numpy.fromfile(directory / "points.f64", dtype="<f8").reshape(-1, 2)
        # Latitude, longitude in radians, as its haversine wants them.
        self.points = numpy.ascontiguousarray(numpy.radians(points[:, ::-1])) if haversine else points

    def cluster(self, eps: float, min_points: int, threads: int):
        kind = {"metric": "haversine", "algorithm": "ball_tree"} if self.haversine else {}
        dbscan = self.dbscan(eps=eps / EARTH_RADIUS if self.haversine else eps, min_samples=min_points, n_jobs=threads, **kind)
        start = time.perf_counter()
        labels = dbscan.fit(self.points).labels_
        return time.perf_counter() - start, labels

    def stop(self) -> None:
        pass


class Server(PostGIS):
    def __init__(self, directory: pathlib.Path) -> None:
        super().__init__(directory, "geometry")

    def load(self, directory: pathlib.Path) -> None:
        points = array.array("d", (directory / "points.f64").read_bytes())
        with open(directory / "points.csv", "w", encoding="ascii") as file:
            for i in range(0, len(points), 2):
                print(f"{points[i]!r},{points[i + 1]!r}", file=file)
        self.sql("CREATE EXTENSION postgis; CREATE TABLE points(id serial, x float8, y float8);")
        self.psql("-c", f"\\copy points(x, y) from '{directory / 'points.csv'}' csv")
        self.sql("CREATE TABLE p AS SELECT id, ST_Point(x, y) AS g FROM points; VACUUM ANALYZE p;")

    def cluster(self, eps: float, min_points: int, threads: int):
        assert threads == 1, "ST_ClusterDBSCAN is a window function, which runs in one process"
        output = self.sql("DROP TABLE IF EXISTS labels; \\timing on\nCREATE TABLE labels AS SELECT id, "
                          f"ST_ClusterDBSCAN(g, {eps!r}, {min_points}) OVER () AS label FROM p;\n")
        milliseconds = next(float(line.split()[1]) for line in output.splitlines() if line.startswith("Time:"))
        labels = self.sql("SELECT coalesce(label, -1) FROM labels ORDER BY id;")
        return milliseconds / 1e3, map(float, labels.split())


def main() -> None:
    kind, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    peer = Server(directory) if kind == "postgis" else ScikitLearn(directory, kind.endswith("haversine"))
    try:
        print("ready", flush=True)
        for line in sys.stdin:
            eps, min_points, threads = line.split()
            seconds, labels = peer.cluster(float(eps), int(min_points), int(threads))
            with open(directory / "labels.f64", "wb") as file:
                array.array("d", labels).tofile(file)
            print(seconds * 1e6, flush=True)
    finally:
        peer.stop()


if __name__ == "__main__":
    main()
