#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/input.h"

namespace crowfly {

/// Cuts the features out of a GeoJSON document as it streams by, so that only one is in memory at a time. Of
/// JSON it knows just nesting and strings; what it hands out is parsed, and thereby judged, by a JSON parser.
class FeatureSplitter {
  public:
    /// A feature, and all of the document that is not features, may take so many bytes.
    static constexpr std::size_t kLongest = 256U << 20U;

    explicit FeatureSplitter(Input& input) : input_(input) {}

    /// Puts the text of the next object of the top-level array "features" into `feature`; false at the end of
    /// the document. Throws Error(malformed) when the array does not consist of objects between commas.
    bool next(std::string& feature);

    /// The document with the array "features" emptied; whole once `next` has returned false.
    const std::string& skeleton() const noexcept { return skeleton_; }

    /// The line on which the last feature starts, and its place in the array, both 1-based.
    std::uint64_t line() const noexcept { return feature_line_; }
    std::uint64_t ordinal() const noexcept { return ordinal_; }

  private:
    enum class Part { document, before_feature, in_feature, after_feature };

    bool within_string(char c);
    void take_document(char c);
    void take_between(char c);
    std::size_t take_feature(std::string_view window, std::string& feature);
    void close_array();
    [[noreturn]] void fail(std::string_view what) const;

    Input& input_;
    Part part_ = Part::document;
    std::string skeleton_;
    std::string last_string_;  // the last string at depth 1: a key, when a colon follows
    bool after_features_key_ = false;
    bool array_seen_ = false;
    bool comma_seen_ = false;
    bool in_string_ = false;
    bool escaped_ = false;
    std::size_t depth_ = 0;  // of the document, or of the feature while in one
    std::uint64_t line_ = 1;
    std::uint64_t feature_line_ = 1;
    std::uint64_t ordinal_ = 0;
};

}  // namespace crowfly
