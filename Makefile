# make run     install what is missing, build, import the shipped data, search once, serve (ONCE=1: stop after the search)
# make test    build the tests and run them all
# make bench   build the benchmarks and run them beside their competitors; figures also go to build/bench/
#              (BENCH='--quick' or other options of engine_bench)
# make bench-shapes   the same for lines and polygons
# make bench-clusters   the same for clusters
# make bench-join     the same for whole joins
# make bench-store    imports, searches while places move, and starts
# make bench-service  the service under load, beside FastAPI + PostGIS and Redis
# make conformance    hold a served store to its OpenAPI document (SECONDS=600: for so long)
# make bench-instructions   count the instructions of a fixed workload and compare them with bench/instructions.json
# make build   build alone; the program is build/release/bin/crowfly
#
# PRESET=debug|asan-ubsan|tsan chooses another build for `build` and `test`; JOBS=n how many compilers run at once.

PRESET ?= release
JOBS ?= $(shell nproc)
ONCE ?=
SECONDS ?= 60
BENCH ?=

CROWFLY := build/release/bin/crowfly
AT := -118.291995,36.578581

.PHONY: build run test bench bench-shapes bench-join bench-clusters bench-store bench-service bench-instructions conformance setup setup-test clean

build: setup
	@$(MAKE) --no-print-directory compile TARGET=crowfly TESTS=OFF

run: setup
	@$(MAKE) --no-print-directory compile TARGET=crowfly TESTS=OFF PRESET=release
	@$(MAKE) --no-print-directory demo.gpkg
	@echo
	@echo "The 10 places nearest to $(AT), with distances in metres:"
	@$(CROWFLY) search demo.gpkg --at $(AT) -k 10
	@echo
	@echo "The same over HTTP:"
	@echo "  curl http://127.0.0.1:8080/knn/search -d '{\"point\": {\"type\": \"Point\", \"coordinates\": [$(AT)]}, \"k\": 10}'"
	@echo
ifeq ($(ONCE),)
	@exec $(CROWFLY) serve demo.gpkg --listen 127.0.0.1:8080
endif

test: setup-test
	@$(MAKE) --no-print-directory compile TARGET=all TESTS=ON
	@ctest --preset $(PRESET) -j $(JOBS)

bench:
	@scripts/setup.sh bench
	@bench/peers/setup.sh
	@$(MAKE) --no-print-directory compile-bench TARGET=engine_bench
	@build/release/bin/engine_bench -o build/bench/engine.json $(BENCH)

bench-shapes:
	@scripts/setup.sh bench
	@bench/peers/setup.sh
	@$(MAKE) --no-print-directory compile-bench TARGET=shapes_bench
	@build/release/bin/shapes_bench -o build/bench/shapes.json $(BENCH)

bench-clusters:
	@scripts/setup.sh bench
	@bench/peers/setup.sh
	@$(MAKE) --no-print-directory compile-bench TARGET=cluster_bench
	@build/release/bin/cluster_bench -o build/bench/clusters.json $(BENCH)

bench-join:
	@scripts/setup.sh bench
	@bench/peers/setup.sh
	@$(MAKE) --no-print-directory compile-bench TARGET=join_bench
	@build/release/bin/join_bench -o build/bench/join.json $(BENCH)

bench-store:
	@scripts/setup.sh bench
	@$(MAKE) --no-print-directory compile-bench TARGET=crowfly
	@$(MAKE) --no-print-directory compile-bench TARGET=store_bench
	@build/release/bin/store_bench -o build/bench/store.json $(BENCH)

bench-service:
	@scripts/setup.sh bench
	@$(MAKE) --no-print-directory compile-bench TARGET=crowfly
	@$(MAKE) --no-print-directory compile-bench TARGET=write_service_places
	@bench/service/run.py -o build/bench/service.json $(BENCH)

bench-instructions:
	@scripts/setup.sh bench
	@$(MAKE) --no-print-directory compile-bench TARGET=instruction_count
	@bench/count_instructions.sh

.PHONY: compile-bench
compile-bench:
	@test -f build/release/build.ninja || cmake --preset release -DCROWFLY_TESTS=OFF >/dev/null
	@cmake --preset release -DCROWFLY_BENCH=ON >/dev/null
	@$(MAKE) --no-print-directory compile TARGET=$(TARGET) TESTS=OFF PRESET=release

conformance: setup-test
	@$(MAKE) --no-print-directory compile TARGET=crowfly TESTS=OFF PRESET=release
	@tests/conformance/run.sh $(SECONDS)

setup:
	@scripts/setup.sh $(if $(filter release debug,$(PRESET)),build,test)

setup-test:
	@scripts/setup.sh test

# Tests are configured in when they are first wanted, and stay: what `make run` needs is less than what tests need.
.PHONY: compile
compile:
	@test -f build/$(PRESET)/build.ninja || cmake --preset $(PRESET) -DCROWFLY_TESTS=$(TESTS)
	@test $(TESTS) = OFF || grep -qx CROWFLY_TESTS:BOOL=ON build/$(PRESET)/CMakeCache.txt || \
	    cmake --preset $(PRESET) -DCROWFLY_TESTS=ON
	@cmake --build --preset $(PRESET) -j $(JOBS) --target $(TARGET)

# Made anew when the data or the program has changed; a failed import leaves no file.
demo.gpkg: data/cities.tsv.gz $(CROWFLY)
	@rm -f demo.gpkg demo.gpkg-wal demo.gpkg-shm
	@$(CROWFLY) import data/cities.tsv.gz --to demo.gpkg --attribute population:integer

clean:
	rm -rf build demo.gpkg demo.gpkg-wal demo.gpkg-shm
