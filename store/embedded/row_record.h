#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "formats/cql2/predicate.h"
#include "formats/place.h"

namespace crowfly {

/// What is kept in memory of a place besides its geometry and category: id, name and the values of the hot
/// attributes, packed:
///
///     flags     1 byte: 1 when the file has more properties of the place than are here, else 0
///     id, name  each its length (LEB128), then its bytes
///     values    for each hot attribute a byte: 0 absent, 1 false, 2 true, 3 an integer or 4 a real number in
///               the next 8 bytes, 5 a text, which follows like the name
///
/// This reads one whose bytes outlive it, and which is whole, as `checked_record_size` has found.
class RowRecord {
  public:
    explicit RowRecord(const char* bytes) noexcept;

    std::string_view id() const noexcept { return id_; }
    std::string_view name() const noexcept;

    /// Whether the file has properties of the place that are not here.
    bool has_more() const noexcept { return has_more_; }

    /// All of it.
    std::string_view bytes(std::size_t hot_count) const noexcept;

    /// The value of a hot attribute, by its number among them. A text stays as long as the record.
    cql2::ValueView value(std::size_t hot) const noexcept;

    /// Adds the values of the hot attributes, those that the record was made with, to a place.
    void append_values(std::span<const Attribute> hot, Place& place) const;

  private:
    const char* value_at(std::size_t hot) const noexcept;

    const char* begin_;
    std::string_view id_;
    bool has_more_;
};

/// Writes the record of a place at the end of `out`.
void append_row_record(const Place& place, std::span<const Attribute> hot, bool has_more, std::string& out);

/// How long the record is that `bytes` begin with. Throws Error(corrupt) unless they begin with one of
/// `hot_count` values whose texts have no `text_fault`.
std::size_t checked_record_size(std::string_view bytes, std::size_t hot_count);

}  // namespace crowfly
