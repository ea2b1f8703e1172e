#pragma once

#include <span>
#include <string>

#include "cli/join_answer.h"
#include "cli/map_picture.h"

namespace crowfly {

/// The picture of a join: its objects, lines and queries. It holds all queries and lines, and the objects
/// that are among them; of the lines the first MapPicture::kMostLines, and
/// then the legend says so.
class JoinMap {
  public:
    /// The sides must outlive it.
    JoinMap(const LoadedSide& queries, const LoadedSide& objects, Crs crs);

    /// Takes the next rows of the answer.
    void add(const JoinAnswer& answer, std::span<const JoinRow> rows);

    /// Comes last.
    std::string svg();

  private:
    void add(std::size_t layer, const LoadedSide& side);

    const LoadedSide& queries_;
    const LoadedSide& objects_;
    MapPicture map_;
    std::size_t object_layer_, line_layer_, query_layer_;
    std::size_t line_count_ = 0;
};

}  // namespace crowfly
