"""SciPy's cKDTree and scikit-learn's BallTree as peers of the benchmark; bench/systems/external.cpp says what
they are asked.

    scipy_peers.py ckdtree|balltree DIRECTORY BUILDS
"""

import ctypes
import os
import pathlib
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402 (reads the variables when it is imported)

EARTH_RADIUS = 6371008.7714150598  # metres, as core has it


class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]


def heap_bytes() -> int:
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Mallinfo2
    info = mallinfo2()
    return info.hblkhd + info.uordblks


class CKDTree:
    def __init__(self, positions: np.ndarray) -> None:
        from scipy.spatial import cKDTree
        self.tree = cKDTree(positions)

    @staticmethod
    def prepared(positions: np.ndarray) -> np.ndarray:
        return positions

    def nearest(self, queries: np.ndarray, k: int):
        return self.tree.query(queries, k=[k], workers=1)[0]

    def within(self, queries: np.ndarray, distance: float):
        return self.tree.query_ball_point(queries, distance, workers=1, return_sorted=False)

    @staticmethod
    def farthest(found) -> np.ndarray:
        return found[:, -1]


class BallTree:
    def __init__(self, positions: np.ndarray) -> None:
        from sklearn.neighbors import BallTree as Tree
        self.tree = Tree(positions, metric="haversine")

    @staticmethod
    def prepared(positions: np.ndarray) -> np.ndarray:
        """Latitude, longitude in radians, as its haversine wants them."""
        return np.ascontiguousarray(np.radians(positions[:, ::-1]))

    def nearest(self, queries: np.ndarray, k: int):
        return self.tree.query(queries, k=k)[0]

    def within(self, queries: np.ndarray, distance: float):
        return self.tree.query_radius(queries, distance / EARTH_RADIUS)

    @staticmethod
    def farthest(found) -> np.ndarray:
        return found[:, -1] * EARTH_RADIUS


def main() -> None:
    system = {"ckdtree": CKDTree, "balltree": BallTree}[sys.argv[1]]
    directory = pathlib.Path(sys.argv[2])

    def positions(name: str) -> np.ndarray:
        return system.prepared(np.fromfile(directory / name, dtype="<f8").reshape(-1, 2))

    points = positions("points.f64")
    system(points[:1])  # imports the library
    seconds = float("inf")
    tree = None
    for _ in range(int(sys.argv[3])):
        tree = None
        before = heap_bytes()
        start = time.perf_counter()
        tree = system(points)
        seconds = min(seconds, time.perf_counter() - start)
        # Both trees refer to the points.
        size = heap_bytes() - before + points.nbytes
    print("built", seconds, size, flush=True)
    for line in sys.stdin:
        verb, argument = line.split()
        queries = positions("queries.f64")
        start = time.perf_counter()
        found = tree.nearest(queries, int(argument)) if verb == "nearest" else tree.within(queries, float(argument))
        microseconds = (time.perf_counter() - start) * 1e6
        answers = tree.farthest(found) if verb == "nearest" else np.array([len(rows) for rows in found])
        answers.astype("<f8").tofile(directory / "answers.f64")
        print(microseconds, flush=True)


if __name__ == "__main__":
    main()
