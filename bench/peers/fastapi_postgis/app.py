"""POST /knn/search by FastAPI, asyncpg and PostGIS: what a team would write by hand, for bench/service/run.py to compare with.

POSTGRES_SOCKETS is the directory of the server's socket. The table `places` has id, name, category, and g, a geography with a GiST
index, as bench/peers/store_peers.py makes it.
"""

import contextlib
import os
from typing import Annotated, Literal

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field

SEARCH = """SELECT p.id, p.name, p.category, ST_X(p.g::geometry) AS lon, ST_Y(p.g::geometry) AS lat, p.d FROM (
    SELECT id, name, category, g, ST_Distance(g, $1::geography) AS d FROM places
    WHERE ($3::text IS NULL OR category = $3) AND ($4::float8 IS NULL OR ST_DWithin(g, $1::geography, $4))
    ORDER BY g <-> $1::geography LIMIT $2) AS p ORDER BY p.d, p.id"""


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=3)]


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")
    point: Point
    k: Annotated[int, Field(ge=1, le=100)]
    max_radius_meters: Annotated[float | None, Field(gt=0, le=50_000)] = None
    category_filter: str | None = None


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI):
    user = "postgres" if os.geteuid() == 0 else os.environ.get("USER", "postgres")
    app.state.pool = await asyncpg.create_pool(host=os.environ["POSTGRES_SOCKETS"], user=user, database="postgres",
                                               min_size=8, max_size=8)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


def feature(rank: int, row: asyncpg.Record) -> dict:
    return {"type": "Feature", "id": str(row["id"]),
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {"name": row["name"], "category": row["category"], "rank": rank,
                           "distance_meters": round(row["d"], 2)}}


@app.post("/knn/search")
async def search(asked: Search, request: Request) -> Response:
    lon, lat = asked.point.coordinates[:2]
    rows = await request.app.state.pool.fetch(SEARCH, f"POINT({lon!r} {lat!r})", asked.k, asked.category_filter,
                                              asked.max_radius_meters)
    features = [feature(rank, row) for rank, row in enumerate(rows, 1)]
    return Response(orjson.dumps({"type": "FeatureCollection", "features": features}), media_type="application/geo+json")
