#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "cli/cluster_map.h"
#include "cli/cluster_source.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/number_flags.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "core/cluster/cluster_summary.h"
#include "core/cluster/scan_dbscan.h"
#include "core/error.h"
#include "core/place_id.h"
#include "formats/cluster_writer.h"
#include "formats/place_reader.h"
#include "formats/text.h"

namespace crowfly {
namespace {

struct ClusterFlags {
    ClusterSource source;
    std::string eps;
    std::string min_points = "5";
    std::string match = "geometry";
    bool summary = false;
    std::optional<std::string> hull;
    std::optional<std::string> ratio;
    std::string output = "-";
    std::string map;     // empty: none
    std::string format;  // empty: by the name of the output
    bool exact_scan = false;
    std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
};

double parse_eps(const std::string& text) {
    const auto eps = parse_double(text);
    if (!eps || !std::isfinite(*eps) || *eps < 0) {
        throw Error(Code::invalid_argument,
                    fmt::format("--eps \"{}\": expected a finite number of 0 or more", text));
    }
    return *eps;
}

HullOptions parse_hull(const ClusterFlags& flags) {
    if (flags.hull && !flags.summary && flags.map.empty()) {
        throw Error(Code::invalid_argument,
                    "--hull: is of the clusters, which --summary gives and --map draws");
    }
    HullOptions options{.kind = HullKind::convex};
    if (flags.hull == "none") options.kind = HullKind::none;
    if (flags.hull == "concave") options.kind = HullKind::concave;
    if (!flags.ratio) return options;
    if (options.kind != HullKind::concave) {
        throw Error(Code::invalid_argument, "--ratio: is of a concave hull; add --hull concave");
    }
    const auto ratio = parse_double(*flags.ratio);
    if (!ratio || *ratio < 0 || *ratio > 1) {
        throw Error(Code::invalid_argument,
                    fmt::format("--ratio \"{}\": expected a number from 0 to 1", *flags.ratio));
    }
    options.ratio = *ratio;
    return options;
}

PlaceFormat parse_format(const ClusterFlags& flags) {
    if (!flags.format.empty()) return *place_format_named(flags.format);
    if (flags.output == "-") return PlaceFormat::csv;
    const auto format = place_format_of(flags.output);
    if (!format || *format == PlaceFormat::tsv || flags.output.ends_with(".gz")) {
        throw Error(
            Code::invalid_argument,
            fmt::format("-o {}: the format cannot be told from the name; expected one that ends in .csv, "
                        ".geojson or .ndjson, or --format",
                        flags.output));
    }
    return *format;
}

/// The order of the ids; empty where it is that of the rows.
RowOrder order_of_ids(const std::vector<Place>& places) {
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
        return compare_ids(places[a].id, places[b].id) < 0;
    };
    std::vector<std::uint32_t> rows(places.size());
    std::iota(rows.begin(), rows.end(), 0U);
    if (std::is_sorted(rows.begin(), rows.end(), before)) return {};
    std::sort(rows.begin(), rows.end(), before);
    auto ranks = std::make_shared<std::vector<std::uint32_t>>(places.size());
    for (std::uint32_t rank = 0; rank < rows.size(); ++rank) (*ranks)[rows[rank]] = rank;
    return [ranks](std::uint32_t a, std::uint32_t b) { return (*ranks)[a] < (*ranks)[b]; };
}

/// Draws a progress bar in place of the rate of `units`, and ends the work after a signal.
WorkProgress shown_by(Progress& progress, std::size_t units) {
    return [&progress, units](std::uint64_t done, std::uint64_t total) {
        Interrupt::check();
        progress.update(done, total, total > 0 ? units * done / total : units);
    };
}

/// Collects text and passes it on in large pieces.
class Rendered {
  public:
    explicit Rendered(OutputFile& file) : file_(file) {}
    std::string& text() { return text_; }

    /// After each row.
    void flush_some() {
        constexpr std::size_t kPiece = std::size_t{1} << 20U;
        if (text_.size() >= kPiece) flush();
    }
    void flush() {
        Interrupt::check();
        file_.write(text_);
        text_.clear();
    }

  private:
    OutputFile& file_;
    std::string text_;
};

/// How one row is written in each format.
struct RowWriters {
    std::size_t count;
    std::function<void(std::string&)> header;
    std::function<void(std::string&, std::size_t)> row;
    std::function<void(JsonWriter&, std::size_t)> feature;
};

void write_rows(OutputFile& file, PlaceFormat format, const RowWriters& writers) {
    Rendered out(file);
    if (format == PlaceFormat::csv) writers.header(out.text());
    if (format == PlaceFormat::geojson) out.text() += R"({"type":"FeatureCollection","features":[)";
    for (std::size_t i = 0; i < writers.count; ++i) {
        if (format == PlaceFormat::csv) {
            writers.row(out.text(), i);
        } else {
            if (format == PlaceFormat::geojson && i > 0) out.text() += ',';
            JsonWriter json(out.text());
            writers.feature(json, i);
            if (format == PlaceFormat::ndjson) out.text() += '\n';
        }
        out.flush_some();
    }
    if (format == PlaceFormat::geojson) out.text() += "]}\n";
    out.flush();
}

RowWriters writers_of(const ClusterPlaces& read, const Clustering& found) {
    return {read.places.size(), write_cluster_header,
            [&](std::string& out, std::size_t row) {
                write_cluster_row(out, read.places[row].id, found.labels[row]);
            },
            [&](JsonWriter& json, std::size_t row) {
                write_clustered_feature(json, read.places[row], found.labels[row], found.core[row]);
            }};
}

RowWriters writers_of(const std::vector<ClusterSummary>& summaries, HullKind hull) {
    return {
        summaries.size(), write_summary_header,
        [&](std::string& out, std::size_t cluster) { write_summary_row(out, cluster, summaries[cluster]); },
        [&summaries, hull](JsonWriter& json, std::size_t cluster) {
            write_summary_feature(json, cluster, summaries[cluster], hull);
        }};
}

void run_cluster(ClusterFlags flags) {
    DbscanOptions options{.eps = parse_eps(flags.eps),
                          .min_points = parse_k(flags.min_points, "--min-points")};
    const HullOptions hull = parse_hull(flags);
    const PlaceFormat format = parse_format(flags);
    flags.source.keep_properties = !flags.summary && format != PlaceFormat::csv;
    flags.source.by_centroid = flags.match == "centroid";
    const Interrupt interrupt;  // so that a signal leaves nothing of the file
    OutputFile file(flags.output);
    std::optional<OutputFile> picture;
    if (!flags.map.empty()) picture.emplace(flags.map);
    const ClusterPlaces read = read_places(flags.source);
    ThreadExecutor executor(flags.threads);
    options.order = order_of_ids(read.places);
    options.executor = &executor;
    Clustering found;
    {
        Progress progress("clustering");
        options.progress = shown_by(progress, read.places.size());
        found = flags.exact_scan ? scan_dbscan(read.positions, read.metric, options)
                                 : dbscan(read.positions, read.metric, options);
    }
    std::vector<ClusterSummary> summaries;
    if (flags.summary || picture) {
        Progress progress("summing up");
        summaries = summarize(
            read.positions, read.metric, found,
            {.hull = hull, .executor = &executor, .progress = shown_by(progress, read.places.size())});
    }
    if (flags.summary) {
        write_rows(file, format, writers_of(summaries, hull.kind));
    } else {
        write_rows(file, format, writers_of(read, found));
    }
    if (picture) picture->write(cluster_map(read, found, summaries));
    file.commit();
    if (picture) picture->commit();
}

}  // namespace

void add_cluster_command(CLI::App& app) {
    auto flags = std::make_shared<ClusterFlags>();
    CLI::App* command = app.add_subcommand("cluster", "Find where places are dense (DBSCAN)");
    command->add_option("PLACES", flags->source.path, "A store, or a file as `crowfly import` takes it")
        ->required();
    command
        ->add_option(
            "--eps", flags->eps,
            "How far from each other, inclusive, neighbors in a cluster are at most, in metres (plane: "
            "the unit)")
        ->required();
    command
        ->add_option("--min-points", flags->min_points,
                     "A place is in the core of a cluster with so many places within eps, itself among them")
        ->capture_default_str();
    command
        ->add_option(
            "--metric", flags->source.metric,
            "spheroid (WGS84 geodesic), sphere (great circle) or plane (Euclidean, in the coordinates' "
            "unit); default spheroid, for planar coordinates plane")
        ->check(CLI::IsMember({"spheroid", "sphere", "plane"}));
    command
        ->add_option("--match", flags->match,
                     "What of a place that is no point: geometry (refused) or centroid (stands for it)")
        ->check(CLI::IsMember({"geometry", "centroid"}))
        ->capture_default_str();
    command->add_flag("--summary", flags->summary,
                      "The clusters instead of the places: size, centroid, extent and hull of each");
    command
        ->add_option("--hull", flags->hull,
                     "Hull of each cluster, with --summary or --map: none, convex (the default) or "
                     "concave")
        ->check(CLI::IsMember({"none", "convex", "concave"}));
    command->add_option("--ratio", flags->ratio,
                        "Of a concave hull, from 0 (as close as can be) to 1 (convex); default 0.3");
    command
        ->add_option("-o,--output", flags->output, "A .csv, .geojson or .ndjson file, or - (standard output)")
        ->capture_default_str();
    command
        ->add_option("--format", flags->format,
                     "csv, geojson or ndjson; default by the output's name, or csv")
        ->check(CLI::IsMember({"csv", "geojson", "ndjson"}));
    command->add_option("--map", flags->map,
                        "Also draw the places, coloured by cluster, and the hulls, as SVG");
    command->add_flag("--exact-scan", flags->exact_scan,
                      "Measure every pair of places instead of using the index: slow, same answer");
    command->add_option("--threads", flags->threads, "Default one for each processor")
        ->check(CLI::Range(1, 1024));
    command->add_option("--collection", flags->source.collection,
                        "Collection in the store, when it has several");
    flags->source.read.add_to(*command);
    command->footer(
        "csv has the columns id,cluster; clusters are numbered from 0 by the least of their ids, and places "
        "that "
        "are\n"
        "in none have -1. A place on the border of clusters belongs to that of the core place nearest to it. "
        "The\n"
        "answer depends neither on the order of the places nor on the number of threads.\n\n"
        "Examples:\n"
        "  crowfly cluster shops.csv --eps 500 --min-points 8 -o clusters.csv\n"
        "  crowfly cluster demo.gpkg --eps 20000 --min-points 30 --summary --hull concave --ratio 0.3 -o "
        "cities.geojson\n"
        "  crowfly cluster postcodes.csv --metric plane --eps 150 --min-points 20 --format ndjson");
    command->callback([flags] { run_cluster(*flags); });
}

}  // namespace crowfly
