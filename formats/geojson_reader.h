#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/feature_splitter.h"
#include "formats/place_reader.h"

namespace crowfly {

/// What both GeoJSON readers share: one Feature as text becomes a place.
///
/// The id is the Feature's `id`, a string or a number, or else the property `id`. `name` and `category` are
/// properties; all other properties are kept with their JSON types. The geometry may be of any type; a third
/// coordinate of a Point is passed over.
class FeatureReader : public StreamReader {
  protected:
    FeatureReader(Input input, const ReadOptions& options, Rejects& rejects);
    ~FeatureReader() override;

    void convert(Place& place) final;
    std::string_view text() const final { return feature_; }

    std::string feature_;  // the text of the record

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

/// A FeatureCollection, streamed, or a single Feature. A member "crs" (GeoJSON 2008) must name WGS84.
class FeatureCollectionReader final : public FeatureReader {
  public:
    FeatureCollectionReader(Input input, const ReadOptions& options, Rejects& rejects)
        : FeatureReader(std::move(input), options, rejects), splitter_(input_) {}

  private:
    bool read_record() override;
    std::uint64_t line() const override { return splitter_.line(); }
    std::string describe(std::string_view member) const override;

    /// Judges what is not features, and returns whether the document is itself a Feature.
    bool document_is_a_feature() const;

    FeatureSplitter splitter_;
    bool at_end_ = false;
};

/// One Feature a line.
class FeatureLinesReader final : public FeatureReader {
  public:
    static constexpr std::size_t kLongestLine = 256U << 20U;

    FeatureLinesReader(Input input, const ReadOptions& options, Rejects& rejects)
        : FeatureReader(std::move(input), options, rejects) {}

  private:
    bool read_record() override;
    bool read_line();
    std::uint64_t line() const override { return line_; }

    std::uint64_t line_ = 0;
};

}  // namespace crowfly
