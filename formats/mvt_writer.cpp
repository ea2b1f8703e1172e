#include "formats/mvt_writer.h"

#include <utility>

#include <protozero/pbf_builder.hpp>
#include <protozero/varint.hpp>

namespace crowfly {
namespace {

// The messages of the specification, section 4.1.

enum class TileField : protozero::pbf_tag_type { layers = 3 };
enum class LayerField : protozero::pbf_tag_type {
    name = 1,
    features = 2,
    keys = 3,
    values = 4,
    extent = 5,
    version = 15,
};
enum class FeatureField : protozero::pbf_tag_type { tags = 2, type = 3, geometry = 4 };
enum class ValueField : protozero::pbf_tag_type { string_value = 1, uint_value = 5 };

/// Section 4.3.1.
enum class Command : std::uint32_t { move_to = 1, line_to = 2, close_path = 7 };

std::uint32_t command(Command command, std::size_t count) {
    return static_cast<std::uint32_t>(command) | static_cast<std::uint32_t>(count) << 3U;
}

}  // namespace

std::uint32_t MvtLayer::Dictionary::number_of(std::string text) {
    const auto [at, is_new] = numbers.try_emplace(std::move(text), static_cast<std::uint32_t>(texts.size()));
    if (is_new) {
        texts.push_back(&at->first);
        bytes += at->first.size() + 4;
    }
    return at->second;
}

void MvtLayer::begin(TileGeometry::Kind kind) {
    kind_ = kind;
    cursor_ = {0, 0};
    geometry_.clear();
    tags_.clear();
}

void MvtLayer::put(TilePoint point) {
    geometry_.push_back(protozero::encode_zigzag32(point.x - cursor_.x));
    geometry_.push_back(protozero::encode_zigzag32(point.y - cursor_.y));
    cursor_ = point;
}

void MvtLayer::move_to(std::span<const TilePoint> points) {
    geometry_.push_back(command(Command::move_to, points.size()));
    for (const TilePoint point : points) put(point);
}

void MvtLayer::line_to(std::span<const TilePoint> points) {
    geometry_.push_back(command(Command::line_to, points.size()));
    for (const TilePoint point : points) put(point);
}

void MvtLayer::begin_feature(TilePoint point) {
    begin(TileGeometry::Kind::points);
    move_to({&point, 1});
}

void MvtLayer::begin_feature(const TileGeometry& geometry) {
    begin(geometry.kind);
    for (const std::vector<TilePoint>& sequence : geometry.sequences) {
        const std::span<const TilePoint> points(sequence);
        if (geometry.kind == TileGeometry::Kind::points) {
            move_to(points);
            continue;
        }
        move_to(points.first(1));
        line_to(points.subspan(1));
        if (geometry.kind == TileGeometry::Kind::polygons)
            geometry_.push_back(command(Command::close_path, 1));
    }
}

void MvtLayer::add(std::string_view key, std::string_view value) {
    std::string encoded;
    protozero::pbf_builder<ValueField>(encoded).add_string(ValueField::string_value, value.data(),
                                                           value.size());
    add_encoded(key, std::move(encoded));
}

void MvtLayer::add(std::string_view key, std::uint64_t value) {
    std::string encoded;
    protozero::pbf_builder<ValueField>(encoded).add_uint64(ValueField::uint_value, value);
    add_encoded(key, std::move(encoded));
}

void MvtLayer::add_encoded(std::string_view key, std::string value) {
    tags_.push_back(keys_.number_of(std::string(key)));
    tags_.push_back(values_.number_of(std::move(value)));
}

void MvtLayer::end_feature() {
    protozero::pbf_builder<LayerField> layer(features_);
    protozero::pbf_builder<FeatureField> feature(layer, LayerField::features);
    feature.add_packed_uint32(FeatureField::tags, tags_.begin(), tags_.end());
    feature.add_enum(FeatureField::type, static_cast<std::int32_t>(kind_));
    feature.add_packed_uint32(FeatureField::geometry, geometry_.begin(), geometry_.end());
    ++feature_count_;
}

void MvtLayer::write(std::string& tile) const {
    if (feature_count_ == 0) return;
    std::string content;
    protozero::pbf_builder<LayerField> layer(content);
    layer.add_uint32(LayerField::version, 2);
    layer.add_string(LayerField::name, name_);
    content += features_;
    for (const std::string* key : keys_.texts) layer.add_string(LayerField::keys, *key);
    for (const std::string* value : values_.texts) layer.add_message(LayerField::values, *value);
    layer.add_uint32(LayerField::extent, kTileExtent);
    protozero::pbf_builder<TileField>(tile).add_message(TileField::layers, content);
}

}  // namespace crowfly
