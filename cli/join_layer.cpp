#include "cli/join_layer.h"

#include <fmt/format.h>

#include "cli/output_file.h"
#include "formats/gpkg_geometry.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/sqlite.h"

namespace crowfly {
namespace {

Geometry multi_line(const JoinLine& first, const std::optional<JoinLine>& second) {
    GeometryBuilder builder;
    builder.begin(GeometryType::multi_line_string);
    const auto add = [&](const JoinLine& line) {
        builder.add_part();
        builder.add_sequence();
        builder.add_position(line.first);
        builder.add_position(line.second);
    };
    add(first);
    if (second) add(*second);
    builder.end();
    return builder.finish();
}

class LayerWriter final : public JoinWriter {
  public:
    explicit LayerWriter(const std::string& path)
        : file_(path), database_(std::make_unique<sqlite::Database>(file_.path(), sqlite::Access::create)) {}

    void begin(const JoinAnswer& answer, Executor& /*executor*/) override {
        answer_ = &answer;
        schema_.crs = answer.metric() == MetricKind::plane ? Crs::planar : Crs::wgs84;
        // Nobody sees the file before it is whole, so it needs no journal.
        database_->execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
        geopackage::create_tables(*database_);
        database_->execute(
            fmt::format("CREATE TABLE \"join\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geometry "
                        "MULTILINESTRING, "
                        "query_id TEXT NOT NULL, rank INTEGER, object_id TEXT{}, {} REAL)",
                        answer.by_category() ? ", category TEXT" : "", join_distance_name(answer.metric())));
        geopackage::register_table(*database_, schema_, "geometry");
        database_->execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'MULTILINESTRING'");
        insert_.emplace(*database_, fmt::format("INSERT INTO \"join\" VALUES (NULL, ?1, ?2, ?3, ?4{}, ?5)",
                                                answer.by_category() ? ", ?6" : ""));
    }

    void write(std::span<const JoinRow> rows) override {
        for (const JoinRow& row : rows) write(row);
    }

    void commit() override {
        geopackage::update_contents(*database_, schema_.name, extent_);
        database_->execute("COMMIT");
        insert_.reset();
        database_.reset();
        file_.commit();
    }

  private:
    void write(const JoinRow& row) {
        insert_->bind(2, answer_->query_id(row));
        if (row.rank == 0) {
            for (const int column : {1, 3, 4, 5}) insert_->bind_null(column);
            if (answer_->by_category()) insert_->bind_null(6);
            return insert_->run();
        }
        const JoinLine line = answer_->line(row);
        const auto [first, second] = schema_.crs == Crs::planar ? std::pair{line, std::optional<JoinLine>()}
                                                                : cut_at_antimeridian(line);
        const Geometry geometry = multi_line(first, second);
        grow(extent_, geometry.positions());
        const auto blob = encode_gpkg_geometry(geometry, geopackage::srs_id_of(schema_.crs));
        insert_->bind(1, std::span(blob))
            .bind(3, std::int64_t{row.rank})
            .bind(4, answer_->object_id(row))
            .bind(5, row.distance);
        if (answer_->by_category()) insert_->bind(6, answer_->category(row));
        insert_->run();
    }

    PendingFile file_;
    std::unique_ptr<sqlite::Database> database_;
    Schema schema_{.name = "join"};
    std::optional<sqlite::Statement> insert_;
    std::optional<Extent> extent_;
    const JoinAnswer* answer_ = nullptr;
};

}  // namespace

std::unique_ptr<JoinWriter> open_join_layer(const std::string& path) {
    return std::make_unique<LayerWriter>(path);
}

}  // namespace crowfly
