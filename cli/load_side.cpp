#include "cli/load_side.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "cli/chained_source.h"
#include "cli/source.h"
#include "core/error.h"
#include "formats/numbered_source.h"
#include "store/collection.h"
#include "store/embedded/embedded_store.h"

namespace crowfly {
namespace {

/// One less than what stands for no row.
constexpr std::size_t kGreatestCount = std::numeric_limits<std::uint32_t>::max() - 1;

/// Takes places one after the other into columns.
class SideBuilder {
  public:
    explicit SideBuilder(const SideRequest& request) : request_(request) {}

    /// Nothing is added of a place with a fault.
    std::optional<PlaceFault> add(const Place& place);

    LoadedSide finish();

  private:
    std::optional<PlaceFault> add_max_distance(const Place& place);
    void add_category(const std::string& category);
    void sort_categories();

    const SideRequest& request_;
    LoadedSide side_;
    std::unordered_map<std::string, std::uint32_t> category_numbers_;
};

std::optional<PlaceFault> SideBuilder::add(const Place& place) {
    const std::size_t row = side_.size();
    if (row == kGreatestCount)
        return PlaceFault{"", "is one row too many; expected fewer than 4,294,967,295"};
    if (!side_.ids.push_back(place.id))
        return PlaceFault{"id", fmt::format("\"{}\" appears twice", place.id)};
    if (!request_.max_distance_column.empty()) {
        if (auto fault = add_max_distance(place)) return fault;
    }
    if (!place.has_geometry) side_.absent.push_back(static_cast<std::uint32_t>(row));
    if (place.shape != nullptr && side_.shapes.empty()) side_.shapes.resize(row);
    if (place.shape != nullptr || !side_.shapes.empty()) side_.shapes.push_back(place.shape);
    side_.positions.push_back(place.position);
    if (request_.with_categories) add_category(place.category);
    return std::nullopt;
}

std::optional<PlaceFault> SideBuilder::add_max_distance(const Place& place) {
    const std::string& column = request_.max_distance_column;
    const auto property = std::find_if(place.properties.begin(), place.properties.end(),
                                       [&](const Property& known) { return known.name == column; });
    const bool is_there =
        property != place.properties.end() && !std::holds_alternative<std::monostate>(property->value);
    if (!is_there) return PlaceFault{column, "is empty; expected a number of 0 or more"};
    const auto converted_value = converted(property->value, AttributeType::real);
    const double* distance = converted_value ? std::get_if<double>(&*converted_value) : nullptr;
    if (distance == nullptr) return PlaceFault{column, "is not a finite number; expected one of 0 or more"};
    if (!(*distance >= 0)) return PlaceFault{column, fmt::format("{} is below 0", *distance)};
    side_.max_distances.push_back(*distance);
    return std::nullopt;
}

void SideBuilder::add_category(const std::string& category) {
    const auto [known, is_new] =
        category_numbers_.try_emplace(category, static_cast<std::uint32_t>(side_.category_names.size()));
    if (is_new) side_.category_names.push_back(category);
    side_.categories.push_back(known->second);
}

/// Gives the categories numbers in the order of their names, which is then the same for any order of rows.
void SideBuilder::sort_categories() {
    std::vector<std::uint32_t> by_name(side_.category_names.size());
    std::iota(by_name.begin(), by_name.end(), 0U);
    std::sort(by_name.begin(), by_name.end(),
              [&](auto a, auto b) { return side_.category_names[a] < side_.category_names[b]; });
    std::vector<std::uint32_t> number(by_name.size());
    for (std::uint32_t place = 0; place < by_name.size(); ++place) number[by_name[place]] = place;
    for (std::uint32_t& category : side_.categories) category = number[category];
    std::sort(side_.category_names.begin(), side_.category_names.end());
}

LoadedSide SideBuilder::finish() {
    sort_categories();
    return std::move(side_);
}

LoadedSide load_file(const SideRequest& request, Crs crs) {
    if (!request.collection.empty()) {
        throw Error(Code::invalid_argument, fmt::format("{}: is a file, which has no collection \"{}\"",
                                                        request.path, request.collection));
    }
    ReadOptions options = request.read.options(crs);
    options.keep_without_geometry = true;
    options.properties.emplace();
    if (!request.max_distance_column.empty()) options.properties->push_back(request.max_distance_column);
    Rejects rejects(OnError::abort);
    ChainedSource rows({request.path}, request.read.place_format(), options, rejects, "reading");
    NumberedSource places(rows);
    SideBuilder side(request);
    for (Place place; places.next(place);) {
        if (const auto fault = side.add(place)) rows.refuse(fault->member, fault->reason);
    }
    LoadedSide loaded = side.finish();
    loaded.reference_system = rows.reference_system();
    return loaded;
}

LoadedSide load_store(const SideRequest& request) {
    request.read.require_absent(request.path);
    const EmbeddedStore store(request.path, sqlite::Access::read_only);
    const Schema schema = pick_collection(store, request.path, request.collection);
    SideBuilder side(request);
    store.open_collection(schema.name, {})->scan([&](const Place& place) {
        if (const auto fault = side.add(place)) {
            throw Error(Code::malformed, fmt::format("{}: place \"{}\": {}: {}", request.path, place.id,
                                                     fault->member, fault->reason));
        }
    });
    return side.finish();
}

}  // namespace

bool LoadedSide::is_absent(std::uint32_t row) const noexcept {
    return std::binary_search(absent.begin(), absent.end(), row);
}

std::optional<std::uint32_t> LoadedSide::category_number(std::string_view name) const noexcept {
    const auto at = std::lower_bound(category_names.begin(), category_names.end(), name);
    if (at == category_names.end() || *at != name) return std::nullopt;
    return static_cast<std::uint32_t>(at - category_names.begin());
}

std::optional<Crs> reference_system_of(const SideRequest& request) {
    if (is_file(request.path, request.read.layer)) return request.read.reference_system();
    const EmbeddedStore store(request.path, sqlite::Access::read_only);
    return pick_collection(store, request.path, request.collection).crs;
}

LoadedSide load_side(const SideRequest& request, Crs crs) {
    return is_file(request.path, request.read.layer) ? load_file(request, crs) : load_store(request);
}

}  // namespace crowfly
