#include "store/embedded/index_cache.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <xxhash.h>

#include "core/error.h"
#include "formats/text.h"
#include "formats/wkb.h"
#include "store/embedded/section_file.h"
#include "store/place_search.h"

namespace crowfly {
namespace {

constexpr std::uint32_t kVersion = 1;

// A row is a place in the first three.
enum Kind : std::uint32_t {
    kFids = 1,
    kRowCategories = 2,
    kRecords = 3,
    kCategories = 4,
    kExpiryRows = 5,
    kExpiryTimes = 6,
    kPointRows = 7,
    kPositions = 8,
    kIndex = 9,  // its number is that of the metric
    kShapeRows = 10,
    kShapes = 11,
};

std::uint64_t hash_of(const Schema& schema, std::span<const Attribute> hot) {
    std::string text = fmt::format("{} {}", schema.name, static_cast<int>(schema.crs));
    for (const Attribute& attribute : schema.attributes) {
        const bool is_hot = std::find(hot.begin(), hot.end(), attribute) != hot.end();
        text += fmt::format(" {} {}{}", attribute.name, name(attribute.type), is_hot ? " hot" : "");
    }
    return XXH3_64bits(text.data(), text.size());
}

std::vector<std::uint64_t> words_of(const CacheKey& key) {
    return {key.record.sequence_number, static_cast<std::uint64_t>(key.record.writer),
            static_cast<std::uint64_t>(key.record.row_changes), key.schema};
}

std::uint32_t number_of(MetricKind metric) noexcept {
    return static_cast<std::uint32_t>(metric);
}

void write_text(SectionFileWriter& file, std::string_view text) {
    file.write_value(static_cast<std::uint32_t>(text.size()));
    file.write(std::span(text));
}

/// Writes the rows that are alive, numbered one after the other.
class CacheWriter {
  public:
    CacheWriter(const std::string& path, const std::string& store, const CacheKey& key,
                const CacheContent& content)
        : file_(path, {kVersion, words_of(key)}, store), content_(content) {}

    void write() {
        write_rows();
        write_expiries();
        for (const LiveRun& run : content_.index.runs()) {
            write_row_numbers(*run.run);
            run.run->has_shapes() ? write_shapes(*run.run) : write_points(*run.run);
        }
        file_.finish();
    }

  private:
    void write_rows() {
        std::uint32_t next = 0;
        content_.rows.for_each([&](std::uint32_t row) {
            if (row >= numbers_.size()) numbers_.resize(row + std::size_t{1});
            numbers_[row] = next++;
        });
        file_.begin(kFids);
        content_.rows.for_each([&](std::uint32_t row) { file_.write_value(content_.rows.fid(row)); });
        file_.begin(kRowCategories);
        content_.rows.for_each([&](std::uint32_t row) { file_.write_value(content_.rows.category(row)); });
        file_.begin(kRecords);
        content_.rows.for_each([&](std::uint32_t row) {
            file_.write(std::span(content_.rows.record(row).bytes(content_.hot_count)));
        });
        file_.begin(kCategories);
        for (std::uint32_t i = 0; i < content_.categories.size(); ++i)
            write_text(file_, content_.categories[i]);
    }

    void write_expiries() {
        std::vector<std::uint32_t> rows;
        content_.rows.for_each([&](std::uint32_t row) {
            if (content_.expiries.time_of(row)) rows.push_back(row);
        });
        file_.begin(kExpiryRows);
        for (const std::uint32_t row : rows) file_.write_value(numbers_[row]);
        file_.begin(kExpiryTimes);
        for (const std::uint32_t row : rows)
            file_.write_value(std::int64_t{content_.expiries.time_of(row)->time_since_epoch().count()});
    }

    void write_row_numbers(const PackedRun& run) {
        file_.begin(run.has_shapes() ? kShapeRows : kPointRows);
        for (std::size_t place = 0; place < run.size(); ++place) file_.write_value(numbers_[run.row(place)]);
    }

    void write_points(const PackedRun& run) {
        file_.begin(kPositions);
        file_.write(run.columns().positions.span());
        const auto& metrics = content_.index.options().metrics;
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            file_.begin(kIndex, number_of(metrics[i]));
            file_.write(run.points(i).bytes());
        }
    }

    void write_shapes(const PackedRun& run) {
        file_.begin(kShapes);
        std::vector<std::byte> wkb;
        for (std::size_t place = 0; place < run.size(); ++place) {
            wkb.clear();
            append_wkb(*run.shape(place), wkb);
            file_.write_value(static_cast<std::uint32_t>(wkb.size()));
            file_.write(std::span<const std::byte>(wkb));
        }
    }

    SectionFileWriter file_;
    const CacheContent& content_;
    std::vector<std::uint32_t> numbers_;  // by row
};

[[noreturn]] void throw_corrupt(const std::string& what) {
    throw Error(Code::corrupt, what);
}

/// Takes a length and so many bytes from the front.
std::span<const std::byte> take_block(std::span<const std::byte>& bytes) {
    std::uint32_t size = 0;
    if (bytes.size() < sizeof(size)) throw_corrupt("a section ends within a length");
    std::memcpy(&size, bytes.data(), sizeof(size));
    bytes = bytes.subspan(sizeof(size));
    if (size > bytes.size()) throw_corrupt("a section ends within what it has announced");
    const auto block = bytes.first(size);
    bytes = bytes.subspan(size);
    return block;
}

class CacheReader {
  public:
    CacheReader(const SectionFile& file, const Schema& schema, std::span<const Attribute> hot)
        : file_(file), schema_(schema), loaded_({hot.begin(), hot.end()}) {}

    LoadedRows read(std::span<const MetricKind> metrics, Executor& executor) {
        read_categories();
        read_rows();
        read_expiries();
        const bool shapes = file_.has(kShapeRows);
        const auto points = file_.has(kPointRows) ? file_.values<std::uint32_t>(kPointRows)
                                                  : std::span<const std::uint32_t>();
        const auto shape_rows =
            shapes ? file_.values<std::uint32_t>(kShapeRows) : std::span<const std::uint32_t>();
        require_each_row_once(points, shape_rows);
        const auto positions = points.empty() ? std::span<const LonLat>() : checked_positions(points.size());
        if (shapes) {
            take_all(points, positions, shape_rows);
        } else {
            take_base(points, positions, metrics, executor);
        }
        return std::move(loaded_);
    }

  private:
    void read_categories() {
        auto bytes = file_.section(kCategories);
        for (std::uint32_t number = 0; !bytes.empty(); ++number) {
            const auto block = take_block(bytes);
            const std::string_view name(reinterpret_cast<const char*>(block.data()), block.size());
            if (const auto fault = text_fault(name); !fault.empty())
                throw_corrupt(fmt::format("a category {}", fault));
            if (loaded_.categories->add(name) != number) throw_corrupt("a category comes twice");
        }
    }

    void read_rows() {
        const auto fids = file_.values<std::int64_t>(kFids);
        const auto categories = file_.values<std::uint32_t>(kRowCategories);
        const auto bytes = file_.section(kRecords);
        std::string_view records(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (categories.size() != fids.size()) throw_corrupt("its columns have different lengths");
        for (std::size_t row = 0; row < fids.size(); ++row) {
            if (categories[row] >= loaded_.categories->size()) throw_corrupt("there is no such category");
            const char* const record = records.data();
            records.remove_prefix(checked_record_size(records, loaded_.hot.size()));
            loaded_.columns->append_mapped(fids[row], categories[row], record, file_.owner());
        }
        if (!records.empty()) throw_corrupt("has more records than rows");
    }

    void read_expiries() {
        const auto rows = file_.values<std::uint32_t>(kExpiryRows);
        const auto times = file_.values<std::int64_t>(kExpiryTimes);
        if (rows.size() != times.size()) throw_corrupt("its columns have different lengths");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] >= loaded_.columns->size()) throw_corrupt("there is no such row");
            loaded_.expiries.emplace_back(rows[i], Timestamp(std::chrono::milliseconds(times[i])));
        }
    }

    void require_each_row_once(std::span<const std::uint32_t> points,
                               std::span<const std::uint32_t> shapes) const {
        const auto ascends = [](std::span<const std::uint32_t> rows) {
            return std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end();
        };
        const std::size_t count = loaded_.columns->size();
        if (points.size() + shapes.size() != count || !ascends(points) || !ascends(shapes))
            throw_corrupt("not every row is in its index once");
        std::vector<bool> seen(count);
        for (const auto rows : {points, shapes}) {
            for (const std::uint32_t row : rows) {
                if (row >= count || seen[row]) throw_corrupt("not every row is in its index once");
                seen[row] = true;
            }
        }
    }

    std::span<const LonLat> checked_positions(std::size_t count) {
        const auto positions = file_.values<LonLat>(kPositions);
        if (positions.size() != count) throw_corrupt("its columns have different lengths");
        for (const LonLat& position : positions) {
            if (const auto fault = coordinate_fault(position, schema_.crs)) throw_corrupt(fault->message);
        }
        grow(loaded_.extent, positions);
        return positions;
    }

    /// Points, with those of their indexes that are there.
    void take_base(std::span<const std::uint32_t> rows, std::span<const LonLat> positions,
                   std::span<const MetricKind> metrics, Executor& executor) {
        LiveBase& base = loaded_.base.emplace();
        base.points.rows = SharedColumn<std::uint32_t>(rows, file_.owner());
        base.points.positions = SharedColumn<LonLat>(positions, file_.owner());
        for (const MetricKind metric : live_options(metrics).metrics) {
            const std::uint32_t number = number_of(metric);
            if (file_.has(kIndex, number)) {
                base.indexes.push_back(checked_index(number, metric, rows.size()));
            } else {
                base.indexes.push_back(PointIndex(positions, metric, {.executor = &executor}));
            }
        }
    }

    PointIndex checked_index(std::uint32_t number, MetricKind metric, std::size_t points) const {
        PointIndex index = PointIndex::of_bytes(file_.section(kIndex, number));
        const bool fits = index.metric() == metric && index.size() == points &&
                          index.attribute_count() == 0 && index.ids().empty();
        if (!fits) throw_corrupt(fmt::format("its index by {} is another one", name(metric)));
        return index;
    }

    void take_all(std::span<const std::uint32_t> points, std::span<const LonLat> positions,
                  std::span<const std::uint32_t> shape_rows) {
        const std::size_t count = loaded_.columns->size();
        loaded_.rows.resize(count);
        std::iota(loaded_.rows.begin(), loaded_.rows.end(), 0U);
        loaded_.positions.resize(count);
        for (std::size_t i = 0; i < points.size(); ++i) loaded_.positions[points[i]] = positions[i];
        loaded_.shapes.resize(count);
        auto bytes = file_.section(kShapes);
        for (const std::uint32_t row : shape_rows) {
            Place place;
            place.set_geometry(checked_shape(take_block(bytes)));
            if (place.shape == nullptr) throw_corrupt("a point is among the shapes");
            grow(loaded_.extent, place.vertices());
            loaded_.positions[row] = place.position;
            loaded_.shapes[row] = std::move(place.shape);
        }
        if (!bytes.empty()) throw_corrupt("has more shapes than rows of them");
    }

    Geometry checked_shape(std::span<const std::byte> wkb) const {
        Geometry shape = parse_wkb(wkb);
        if (const auto fault = geometry_fault(shape, schema_.crs)) throw_corrupt(fault->reason);
        return shape;
    }

    const SectionFile& file_;
    const Schema& schema_;
    LoadedRows loaded_;
};

}  // namespace

CacheKey::CacheKey(const Schema& schema, std::span<const Attribute> hot, const CollectionRecord& file)
    : record(file), schema(hash_of(schema, hot)) {}

std::string index_cache_path(const std::string& store, std::string_view collection) {
    return fmt::format("{}.{}.crowfly-cache", store, collection);
}

void save_index_cache(const std::string& store, std::string_view collection, const CacheKey& key,
                      const CacheContent& content) {
    CacheWriter(index_cache_path(store, collection), store, key, content).write();
}

LoadedRows load_index_cache(const std::string& path, const CacheKey& key, const Schema& schema,
                            std::span<const Attribute> hot, std::span<const MetricKind> metrics,
                            Executor& executor) {
    const SectionFile file(path);
    if (file.info().version != kVersion) {
        throw Error(Code::unsupported,
                    fmt::format("is of version {}; expected {}", file.info().version, kVersion));
    }
    const std::vector<std::uint64_t> expected = words_of(key);
    if (file.info().key.size() != expected.size() || file.info().key.back() != expected.back())
        throw Error(Code::conflict, "was made for other attributes");
    if (file.info().key != expected) {
        throw Error(Code::conflict,
                    fmt::format("was made of another state: of batch {}, and the file is at batch {}",
                                file.info().key.front(), expected.front()));
    }
    return CacheReader(file, schema, hot).read(metrics, executor);
}

}  // namespace crowfly
