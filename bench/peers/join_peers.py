"""Other systems' kNN joins on the plane as peers of join_bench.

    join_peers.py pycanopy|sedonadb|scipy|geopandas DIRECTORY THREADS

Reads the query points of DIRECTORY/queries.f64 and the objects: points of objects.f64 (longitude and latitude as little-endian
doubles), or, where there is an objects.wkt, the shapes in its lines. Prints "ready". Then, for each line "join K", joins them anew,
index included, prints the microseconds that took, and leaves the distances of each query's K neighbors, nearest first, in answers.f64.
"""

import os
import pathlib
import sys
import time

THREADS = int(sys.argv[3])
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "TOKIO_WORKER_THREADS"):
    os.environ[variable] = str(THREADS)

import numpy as np  # noqa: E402 (reads the variables when it is imported)


class Sides:
    """Both sides in numpy's and shapely's form."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.queries = np.fromfile(directory / "queries.f64", dtype="<f8").reshape(-1, 2)
        self.objects = self.shapes = None
        if (directory / "objects.wkt").exists():
            import shapely
            self.shapes = shapely.from_wkt((directory / "objects.wkt").read_text().splitlines())
        else:
            self.objects = np.fromfile(directory / "objects.f64", dtype="<f8").reshape(-1, 2)

    def frames(self):
        """Of GeoPandas: queries and objects, without an index."""
        import geopandas
        import shapely
        objects = self.shapes if self.shapes is not None else shapely.points(self.objects)
        return [geopandas.GeoDataFrame({"id": np.arange(len(side))}, geometry=side)
                for side in (shapely.points(self.queries), objects)]


class PyCanopy:
    def __init__(self, sides: Sides) -> None:
        from pycanopy import Engine
        self.engine = Engine
        self.sides = sides
        self.xs, self.ys = (np.ascontiguousarray(column) for column in sides.queries.T)
        self.columns = None if sides.objects is None else [np.ascontiguousarray(c) for c in sides.objects.T]
        self.polygons = None if sides.shapes is None else list(sides.shapes)

    def join(self, k: int):
        start = time.perf_counter()
        if self.columns is not None:
            found = self.engine.from_coords(*self.columns).batch_knn_join(self.xs, self.ys, k)
            seconds = time.perf_counter() - start
            gaps = self.sides.objects[found] - np.repeat(self.sides.queries, k, axis=0)
            return seconds, np.sqrt((gaps * gaps).sum(axis=1))
        _, distances = self.engine.from_polygons(self.polygons).batch_knn_to_polygons(self.xs, self.ys, k)
        return time.perf_counter() - start, distances


class SedonaDB:
    def __init__(self, sides: Sides) -> None:
        import sedona.db
        self.context = sedona.db.connect()
        for name, frame in zip(("q", "o"), sides.frames()):
            table = self.context.create_data_frame(frame).to_arrow_table()
            self.context.create_data_frame(table).to_view(name, overwrite=True)

    def join(self, k: int):
        start = time.perf_counter()
        table = self.context.sql(
            "SELECT q.id AS query, o.id AS object, ST_Distance(q.geometry, o.geometry) AS distance "
            f"FROM q JOIN o ON ST_KNN(q.geometry, o.geometry, {k}, FALSE)").to_arrow_table()
        seconds = time.perf_counter() - start
        queries = table["query"].to_numpy()
        distances = table["distance"].to_numpy()
        return seconds, distances[np.lexsort((distances, queries))]


class SciPy:
    def __init__(self, sides: Sides) -> None:
        from scipy.spatial import cKDTree
        self.tree = cKDTree
        self.sides = sides

    def join(self, k: int):
        start = time.perf_counter()
        distances, _ = self.tree(self.sides.objects).query(self.sides.queries, k=range(1, k + 1), workers=THREADS)
        return time.perf_counter() - start, distances.reshape(-1)


class GeoPandas:
    def __init__(self, sides: Sides) -> None:
        self.sides = sides

    def join(self, k: int):
        assert k == 1, "sjoin_nearest gives the nearest alone"
        queries, objects = self.sides.frames()
        start = time.perf_counter()
        found = queries.sjoin_nearest(objects, distance_col="distance")
        seconds = time.perf_counter() - start
        # Ties give more than one row.
        return seconds, found["distance"].groupby(found.index).min().sort_index().to_numpy()


def main() -> None:
    directory = pathlib.Path(sys.argv[2])
    system = {"pycanopy": PyCanopy, "sedonadb": SedonaDB, "scipy": SciPy, "geopandas": GeoPandas}[sys.argv[1]]
    peer = system(Sides(directory))
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, distances = peer.join(int(line.split()[1]))
        np.ascontiguousarray(distances, dtype="<f8").tofile(directory / "answers.f64")
        print(seconds * 1e6, flush=True)


if __name__ == "__main__":
    main()
