#include <chrono>
#include <limits>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/join_answer.h"
#include "cli/join_map.h"
#include "cli/join_writer.h"
#include "cli/load_side.h"
#include "cli/number_flags.h"
#include "cli/output.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "core/error.h"
#include "core/executor.h"
#include "core/join/join.h"
#include "core/join/st_knn.h"
#include "store/place_search.h"

namespace crowfly {
namespace {

struct JoinFlags {
    std::string queries;
    std::string objects;
    std::string k = "1";
    std::string metric;  // empty: spheroid, or plane for planar coordinates
    std::optional<std::string> max_distance;
    std::string max_distance_column;
    std::optional<std::string> category;
    std::string ties = "none";
    bool left = false;
    bool exclude_self = false;
    std::string epsilon = "0";
    std::string match = "geometry";
    std::string partition_by;
    bool st_knn = false;
    std::optional<std::string> use_sphere;
    std::optional<std::string> search_radius;
    std::string threads;
    std::string memory;
    std::string output = "-";
    std::string format;
    std::string map;
    std::string query_collection;
    std::string object_collection;
    ReadFlags read, query_read, object_read;
};

[[noreturn]] void refuse(const std::string& message) {
    throw Error(Code::invalid_argument, message);
}

/// Judges that ST_KNN's flags come with it, and that those it has no room for do not.
void require_st_knn_flags(const JoinFlags& flags) {
    if (!flags.st_knn) {
        if (flags.use_sphere) refuse("--use-sphere: goes with --st-knn; expected --metric");
        if (flags.search_radius) refuse("--search-radius: goes with --st-knn; expected --max-distance");
        return;
    }
    const std::pair<const char*, bool> foreign[] = {
        {"--metric", !flags.metric.empty()},
        {"--max-distance", flags.max_distance.has_value()},
        {"--max-distance-column", !flags.max_distance_column.empty()},
        {"--left", flags.left},
        {"--epsilon", flags.epsilon != "0"},
        {"--match", flags.match != "geometry"},
        {"--partition-by", !flags.partition_by.empty()}};
    for (const auto& [name, is_given] : foreign) {
        if (!is_given) continue;
        refuse(
            fmt::format("{}: does not go with --st-knn, which takes --use-sphere and --search-radius", name));
    }
}

JoinOptions parse_st_knn(const JoinFlags& flags, Ties ties) {
    const bool use_sphere = flags.use_sphere && parse_boolean(*flags.use_sphere, "--use-sphere");
    const double search_radius = flags.search_radius ? parse_distance(*flags.search_radius, "--search-radius")
                                                     : std::numeric_limits<double>::infinity();
    return st_knn_options(parse_k(flags.k), use_sphere, search_radius, ties);
}

/// What the flags say of the join, apart from columns, and from the metric, unless it is that of ST_KNN.
JoinOptions parse_options(const JoinFlags& flags) {
    require_st_knn_flags(flags);
    if (flags.max_distance && !flags.max_distance_column.empty())
        refuse("--max-distance and --max-distance-column are both given; expected one of them");
    const Ties ties = flags.ties == "include" ? Ties::include : Ties::none;
    JoinOptions options;
    if (flags.st_knn) {
        options = parse_st_knn(flags, ties);
    } else {
        options.k = parse_k(flags.k);
        if (flags.max_distance) options.max_distance = parse_distance(*flags.max_distance, "--max-distance");
        options.ties = ties;
        options.kind = flags.left ? JoinKind::left : JoinKind::inner;
        options.epsilon = parse_distance(flags.epsilon, "--epsilon");
        options.match = flags.match == "centroid" ? Match::centroid : Match::geometry;
    }
    if (!flags.memory.empty()) options.memory_budget = parse_bytes(flags.memory, "--memory");
    return options;
}

/// How a side is read: a file as its own flags say, and else those for both sides; of a store only its own
/// flags are judged, for those for both may be meant for the other side.
ReadFlags side_flags(const std::string& path, const ReadFlags& own, const ReadFlags& both) {
    const ReadFlags flags = own.over(both);
    return is_file(path, flags.layer) ? flags : own;
}

SideRequest query_request(const JoinFlags& flags) {
    return {.path = flags.queries,
            .read = side_flags(flags.queries, flags.query_read, flags.read),
            .collection = flags.query_collection,
            .max_distance_column = flags.max_distance_column};
}

SideRequest object_request(const JoinFlags& flags) {
    return {.path = flags.objects,
            .read = side_flags(flags.objects, flags.object_read, flags.read),
            .collection = flags.object_collection,
            .with_categories = flags.category || !flags.partition_by.empty()};
}

/// The one reference system of both sides. What nobody says is that of the other side, or else what the
/// metric needs: whoever asks for the plane means coordinates as they stand.
Crs common_reference_system(const SideRequest& queries, const SideRequest& objects, const JoinFlags& flags) {
    const std::optional<Crs> of_queries = reference_system_of(queries);
    const std::optional<Crs> of_objects = reference_system_of(objects);
    if (of_queries && of_objects && *of_queries != *of_objects) {
        refuse(
            fmt::format("{} and {}: one has planar coordinates, the other longitude and latitude; expected "
                        "the same reference system on both sides",
                        queries.path, objects.path));
    }
    if (of_queries) return *of_queries;
    return of_objects.value_or(flags.metric == "plane" ? Crs::planar : Crs::wgs84);
}

/// Both sides, which are one when a file is joined with itself.
struct Sides {
    std::unique_ptr<const LoadedSide> queries;
    std::unique_ptr<LoadedSide> own_objects;  // null: the queries

    const LoadedSide& objects() const { return own_objects ? *own_objects : *queries; }
};

Sides load_sides(const JoinFlags& flags, Crs crs) {
    if (!is_file(flags.queries, flags.read.layer) && !is_file(flags.objects, flags.read.layer))
        flags.read.require_absent(flags.queries);
    SideRequest queries = query_request(flags);
    const SideRequest objects = object_request(flags);
    const bool are_one = queries.path == objects.path && queries.read == objects.read &&
                         queries.collection == objects.collection;
    if (are_one) queries.with_categories = objects.with_categories;
    if (!are_one && queries.path == "-" && objects.path == "-")
        refuse("QUERIES and OBJECTS are both standard input, but not read in the same way");
    Sides sides;
    sides.queries = std::make_unique<LoadedSide>(load_side(queries, crs));
    if (!are_one) sides.own_objects = std::make_unique<LoadedSide>(load_side(objects, crs));
    const std::string& of_queries = sides.queries->reference_system;
    const std::string& of_objects = sides.objects().reference_system;
    if (!of_queries.empty() && !of_objects.empty() && of_queries != of_objects) {
        refuse(fmt::format("{} is in {}, {} in {}; expected the same reference system on both sides",
                           queries.path, of_queries, objects.path, of_objects));
    }
    return sides;
}

/// A side as the join takes it, with the columns that it does not own.
class SideView {
  public:
    explicit SideView(const LoadedSide& side) : side_(side) {
        for (const auto& shape : side.shapes) shapes_.push_back(shape.get());
    }
    JoinSide view() const {
        return {.positions = side_.positions, .shapes = shapes_, .absent = side_.absent};
    }

  private:
    const LoadedSide& side_;
    std::vector<const Geometry*> shapes_;
};

/// For each query the object of the same id.
std::vector<std::uint32_t> selves(const Sides& sides) {
    std::vector<std::uint32_t> rows(sides.queries->size());
    if (!sides.own_objects) {
        std::iota(rows.begin(), rows.end(), 0U);
        return rows;
    }
    for (std::size_t row = 0; row < rows.size(); ++row)
        rows[row] = sides.own_objects->ids.find(sides.queries->ids[row]).value_or(kNoRow);
    return rows;
}

RowFilter of_category(const JoinFlags& flags, const LoadedSide& objects) {
    if (!flags.category) return {};
    const auto number = objects.category_number(*flags.category);
    return [number, &objects](std::uint32_t row) { return objects.categories[row] == number; };
}

struct Timing {
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
};

/// The join itself, from loaded sides into the writer, and into the map when there is one.
JoinSummary join_sides(const JoinFlags& flags, JoinOptions options, const Sides& sides, Executor& executor,
                       JoinWriter& writer, JoinMap* map) {
    const LoadedSide& objects = sides.objects();
    const SideView query_view(*sides.queries);
    const SideView object_view(objects);
    const std::vector<std::uint32_t> self = flags.exclude_self ? selves(sides) : std::vector<std::uint32_t>();
    const bool by_category = !flags.partition_by.empty();
    options.self = self;
    options.max_distances = sides.queries->max_distances;
    options.filter = of_category(flags, objects);
    options.order = objects.ids.order();
    if (by_category) options.partition = objects.categories;
    Progress bar("joining", "queries");
    options.progress = [&](const JoinProgress& progress) {
        Interrupt::check();
        bar.update(progress.queries_done, progress.queries_total, progress.queries_done);
    };
    const JoinAnswer answer(*sides.queries, objects, options.metric, options.match, by_category);
    writer.begin(answer, executor);
    const JoinSummary summary =
        join(query_view.view(), object_view.view(), options, executor, [&](std::span<const JoinRow> rows) {
            writer.write(rows);
            if (map != nullptr) map->add(answer, rows);
        });
    Interrupt::check();
    return summary;
}

void run_join(JoinFlags flags) {
    const Timing timing;
    JoinOptions options = parse_options(flags);
    if (flags.st_knn) flags.metric = name(options.metric);
    ThreadExecutor executor(parse_threads(flags.threads));
    const Interrupt interrupt;
    const Crs crs = common_reference_system(query_request(flags), object_request(flags), flags);
    options.metric =
        metric_named(flags.metric).value_or(crs == Crs::planar ? MetricKind::plane : MetricKind::spheroid);
    require_metric_of(crs, options.metric);
    const auto writer = open_join_writer(flags.output, join_format(flags.format, flags.output));
    std::optional<OutputFile> picture;
    if (!flags.map.empty()) picture.emplace(flags.map);
    const Sides sides = load_sides(flags, crs);
    const double read = timing.seconds();
    std::optional<JoinMap> map;
    if (picture) map.emplace(*sides.queries, sides.objects(), crs);
    const JoinSummary summary =
        join_sides(flags, std::move(options), sides, executor, *writer, map ? &*map : nullptr);
    if (picture) picture->write(map->svg());
    writer->commit();
    if (picture) picture->commit();
    if (flags.output == "-") return;
    print(fmt::format(
        "joined {} queries with {} objects: {} rows into {} in {:.2f} s, of which reading {:.2f} s\n",
        grouped(sides.queries->size()), grouped(sides.objects().size()), grouped(summary.rows), flags.output,
        timing.seconds(), read));
}

void add_neighbor_flags(CLI::App& command, JoinFlags& flags) {
    command.add_option("-k", flags.k, "At most so many objects for each query")->capture_default_str();
    command
        .add_option(
            "--metric", flags.metric,
            "spheroid (WGS84 geodesic), sphere (great circle) or plane (Euclidean, in the coordinates' "
            "unit); default spheroid, for planar coordinates plane")
        ->check(CLI::IsMember({"spheroid", "sphere", "plane"}));
    command.add_option("--max-distance", flags.max_distance,
                       "Only objects up to this far, inclusive, in metres (plane: the unit)");
    command.add_option("--max-distance-column", flags.max_distance_column,
                       "The same for each query, from this column or property of the query side");
    command.add_option("--category", flags.category, "Only objects of exactly this category");
    command
        .add_option("--partition-by", flags.partition_by,
                    "category: the k nearest of each category of objects")
        ->check(CLI::IsMember({"category"}));
    command
        .add_option("--ties", flags.ties,
                    "none: k objects, equal distances by id; include: also all others as far as the k-th")
        ->check(CLI::IsMember({"none", "include"}))
        ->capture_default_str();
    command.add_flag("--left", flags.left, "Keep queries without neighbors, in a row of their own");
    command.add_flag("--exclude-self", flags.exclude_self,
                     "Leave out of a query's neighbors the object with its id");
    command
        .add_option("--epsilon", flags.epsilon,
                    "Approximate: every distance at most (1 + this) times the exact one of its rank")
        ->capture_default_str();
    command.add_option("--match", flags.match, "Measure shapes as they are (geometry), or by their centroid")
        ->check(CLI::IsMember({"geometry", "centroid"}))
        ->capture_default_str();
}

void add_st_knn_flags(CLI::App& command, JoinFlags& flags) {
    const char* group = "As ST_KNN of Apache Sedona";
    command
        .add_flag("--st-knn", flags.st_knn,
                  "Inner join on the plane, or the sphere, with shapes by their centroids")
        ->group(group);
    command.add_option("--use-sphere", flags.use_sphere, "true: the sphere, in metres; false: the plane")
        ->group(group);
    command.add_option("--search-radius", flags.search_radius, "Only objects up to this far, inclusive")
        ->group(group);
}

}  // namespace

void add_join_command(CLI::App& app) {
    auto flags = std::make_shared<JoinFlags>();
    CLI::App* command = app.add_subcommand("join", "Find for each place of one set the nearest of another");
    command
        ->add_option("QUERIES", flags->queries, "From where: a store, or a file as `crowfly import` takes it")
        ->required();
    command->add_option("OBJECTS", flags->objects, "What is near: likewise")->required();
    add_neighbor_flags(*command, *flags);
    command
        ->add_option("-o,--output", flags->output,
                     "File to write, by its ending .csv, .ndjson, .geojson or .gpkg")
        ->capture_default_str();
    command->add_option("--format", flags->format, "Format of the output, when its name does not say it")
        ->check(CLI::IsMember({"csv", "ndjson", "geojson", "gpkg"}));
    command->add_option("--map", flags->map, "Also draw queries, objects and lines between them, as SVG");
    command->add_option("--threads", flags->threads, "How many threads (default: one for each processor)");
    command->add_option(
        "--memory", flags->memory,
        "What index and waiting rows may take, as in 512M (default 2G); the answer is the same");
    add_st_knn_flags(*command, *flags);
    flags->read.add_to(*command);
    flags->query_read.add_to(*command, "query");
    command
        ->add_option("--query-collection", flags->query_collection,
                     "Collection in the store, when it has several")
        ->group("Reading the query side, when it differs");
    flags->object_read.add_to(*command, "object");
    command
        ->add_option("--object-collection", flags->object_collection,
                     "Collection in the store, when it has several")
        ->group("Reading the object side, when it differs");
    command->footer(
        "The answer has the columns query_id, rank, object_id and distance_m (on the plane distance), in "
        "the\n"
        "order of the queries, then by rank; csv keeps every bit of the distances. The other formats also "
        "have\n"
        "the line from the query to the nearest point of the object. The file is whole or absent.\n\n"
        "Examples:\n"
        "  crowfly join trips.csv shops.gpkg -k 5 -o nearest.csv\n"
        "  crowfly join hotels.csv stops.geojson -k 3 --max-distance 800 --left -o stops.ndjson\n"
        "  crowfly join cities.tsv.gz cities.tsv.gz --exclude-self -o twins.gpkg --map twins.svg");
    command->callback([flags] { run_join(*flags); });
}

}  // namespace crowfly
