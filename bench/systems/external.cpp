// Peers in processes of their own. They are asked one at a time and wait on their standard input otherwise.
//
// A peer gets a directory and the number of builds as its last arguments, indexes the points of points.f64
// and prints "built SECONDS BYTES". Then, for each line "nearest K" or "within DISTANCE", it answers the
// queries of queries.f64, one in a thread, prints the microseconds that took, and leaves the answers in
// answers.f64: the distance of the farthest neighbor of each, or how many there are. The files hold
// little-endian doubles; positions are longitude, latitude. Distances and DISTANCE are in the coordinates'
// unit, on the sphere in metres.

#include <bit>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "bench/systems/peer_process.h"
#include "bench/systems/systems.h"
#include <fmt/format.h>

#include "core/metric/earth.h"

namespace crowfly::bench {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class Value>
void write_file(const std::filesystem::path& path, const std::vector<Value>& values) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(Value)));
    if (!file.flush()) throw std::runtime_error(fmt::format("{} could not be written", path.string()));
}

void read_file(const std::filesystem::path& path, std::vector<double>& values) {
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(values.data()),
              static_cast<std::streamsize>(values.size() * sizeof(double)));
    if (!file || file.peek() != std::ifstream::traits_type::eof()) {
        throw std::runtime_error(fmt::format("{} does not hold {} answers", path.string(), values.size()));
    }
}

struct Program {
    std::string name;
    MetricKind metric;
    std::vector<std::string> command;  ///< the last is looked for below the directory of the peers
    std::size_t most_queries;
};

class ExternalSystem final : public System {
  public:
    ExternalSystem(const Program& program, BuildCost build, std::unique_ptr<ExchangeDirectory> directory,
                   std::unique_ptr<PeerProcess> process)
        : System(program.name, {std::move(build)}),
          most_queries_(program.most_queries),
          directory_(std::move(directory)),
          process_(std::move(process)) {}

    bool can(Work::Kind kind) const override { return kind != Work::Kind::nearest_of_category; }
    std::size_t most_queries(const Work& /*work*/) const override { return most_queries_; }

    double run(const Work& work, const Queries& queries, std::vector<double>& answers) override {
        write_file(directory_->file("queries.f64"), queries.positions);
        process_->write_line(work.kind == Work::Kind::nearest ? fmt::format("nearest {}", work.k)
                                                              : fmt::format("within {}", work.max_distance));
        std::string line;
        if (!process_->read_line(line)) throw std::runtime_error(name() + " has ended without an answer");
        answers.resize(queries.positions.size());
        read_file(directory_->file("answers.f64"), answers);
        return std::stod(line);
    }

  private:
    std::size_t most_queries_;
    std::unique_ptr<ExchangeDirectory> directory_;
    std::unique_ptr<PeerProcess> process_;
};

void skip(const Program& program, const std::string& reason) {
    std::fprintf(stderr, "bench: %s is skipped: %s\n", program.name.c_str(), reason.c_str());
}

std::unique_ptr<System> started(const Program& program, const std::vector<LonLat>& points, int repeats) {
    auto directory = std::make_unique<ExchangeDirectory>();
    write_file(directory->file("points.f64"), points);
    std::vector<std::string> arguments = program.command;
    arguments.push_back(directory->path().string());
    arguments.push_back(std::to_string(repeats));
    auto process = std::make_unique<PeerProcess>(arguments);
    std::string line;
    BuildCost build;
    std::string built;
    if (!process->read_line(line) || !(std::istringstream(line) >> built >> build.seconds >> build.bytes)) {
        skip(program, fmt::format("it could not index the {} points", points.size()));
        return nullptr;
    }
    return std::make_unique<ExternalSystem>(program, std::move(build), std::move(directory),
                                            std::move(process));
}

}  // namespace

Systems peer_processes(MetricKind metric, const std::vector<LonLat>& points, int repeats,
                       const std::filesystem::path& directory) {
    const std::string python = (directory / "venv/bin/python").string();
    const std::string scipy_peers = "bench/peers/scipy_peers.py";
    const std::vector<Program> programs{
        {"kiddo", MetricKind::plane, {(directory / "kiddo/release/kiddo_peer").string()}, 1'000'000},
        {"kiddo native",
         MetricKind::plane,
         {(directory / "kiddo-native/release/kiddo_peer").string()},
         1'000'000},
        {"SciPy cKDTree", MetricKind::plane, {python, scipy_peers, "ckdtree"}, 1'000'000},
        {"sklearn BallTree", MetricKind::sphere, {python, scipy_peers, "balltree"}, 1'000},
    };
    Systems systems;
    for (const Program& program : programs) {
        if (program.metric != metric) continue;
        if (!std::filesystem::exists(program.command.front())) {
            skip(program, program.command.front() + " is not there");
        } else if (auto system = started(program, points, repeats)) {
            systems.push_back(std::move(system));
        }
    }
    return systems;
}

}  // namespace crowfly::bench
