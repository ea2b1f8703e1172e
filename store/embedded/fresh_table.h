#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/control.h"
#include "store/embedded/collection_record.h"
#include "store/embedded/place_writer.h"
#include "store/embedded/store_file.h"

namespace crowfly {

/// The table of a collection that is being made: filled beside the others under another name, without the
/// index of ids, which is made when all rows are there; then given its name. Nobody sees it before, and
/// nothing of it stays unless it was published.
///
/// It writes by a connection of its own, in short transactions, between which others can write. They are not
/// forced to the disk one by one: what makes them last is that of `publish`, which is on disk when it
/// returns, and with it all before it.
class FreshTable {
  public:
    /// Throws Error(conflict) when the file has a table of that name, or another import is making it. The
    /// file must outlive the object.
    FreshTable(StoreFile& file, Schema schema);
    FreshTable(const FreshTable&) = delete;
    FreshTable& operator=(const FreshTable&) = delete;
    ~FreshTable();

    /// Adds rows, as one transaction. Their ids must be new. They get the fids 1, 2 and so on, in this order.
    void append(std::span<const Place> places);

    /// Makes the index of ids, in a transaction that takes about a second for each million rows. Throws as
    /// Control has it.
    void make_index(const Control& control);

    /// Gives the table its name, so that it is a collection.
    CollectionRecord publish();

  private:
    template <class Work>
    void transact(const Work& work);
    void begin();
    void checkpoint();
    void drop();

    StoreFile& file_;
    Schema schema_;
    Schema staging_;  // the same under the other name
    sqlite::Database connection_;
    std::int64_t job_ = 0;
    std::optional<PlaceWriter> writer_;
    std::int64_t rows_ = 0;
    std::int64_t unsettled_rows_ = 0;  // since the log was last emptied
    std::optional<Extent> extent_;
    GeometryContent content_;
    bool published_ = false;
};

}  // namespace crowfly
