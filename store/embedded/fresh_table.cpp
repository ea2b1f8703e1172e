#include "store/embedded/fresh_table.h"

#include <mutex>

#include <fmt/format.h>
#include <sqlite3.h>

#include "core/error.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/import_log.h"
#include "store/embedded/place_table.h"
#include "store/embedded/store_format.h"

namespace crowfly {
namespace {

// Ids are sorted in pieces of the size of the cache, which is fastest when that is about that of a processor.
constexpr const char* kSettings =
    "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192;"
    "PRAGMA legacy_alter_table = ON;";
constexpr std::int64_t kRowsInLog = 200'000;
constexpr int kStepsBetweenLooks = 100'000;

/// While it lives, SQLite asks a Control now and then whether to go on.
class Watch {
  public:
    Watch(sqlite::Database& database, const Control& control) : database_(database), control_(control) {
        sqlite3_progress_handler(database.handle(), kStepsBetweenLooks, look, this);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr); }

  private:
    static int look(void* self) {
        try {
            static_cast<Watch*>(self)->control_.check();
            return 0;
        } catch (const Error&) {
            return 1;
        }
    }

    sqlite::Database& database_;
    const Control& control_;
};

}  // namespace

FreshTable::FreshTable(StoreFile& file, Schema schema)
    : file_(file),
      schema_(std::move(schema)),
      staging_(schema_),
      connection_(file_.path(), sqlite::Access::read_write) {
    connection_.execute(kSettings);
    const std::scoped_lock lock(file_.mutex());
    sqlite::Transaction transaction(connection_);
    begin();
    transaction.commit();
    writer_.emplace(connection_, staging_, false);
    file_.running_imports().insert(job_);
}

template <class Work>
void FreshTable::transact(const Work& work) {
    const std::scoped_lock lock(file_.mutex());
    sqlite::Transaction transaction(connection_);
    work();
    transaction.commit();
}

void FreshTable::begin() {
    if (geopackage::is_empty(connection_)) {
        geopackage::create_tables(connection_);
        store_format::record(connection_);
    }
    PlaceTable::require_free(connection_, schema_.name);
    job_ = import_log::begin_new(connection_, schema_.name, file_.running_imports());
    staging_.name = import_log::staging_table(job_);
    connection_.execute(PlaceTable::table_sql(staging_, ""));
}

void FreshTable::append(std::span<const Place> places) {
    transact([&] {
        for (const Place& place : places) {
            if (writer_->insert(place, std::nullopt) != ++rows_)
                throw Error(Code::internal, "a fresh table has given a row another fid");
            grow(extent_, place.vertices());
            if (place.shape != nullptr) {
                content_.shapes = true;
                content_.z = content_.z || !place.shape->z().empty();
                content_.m = content_.m || !place.shape->m().empty();
            }
        }
    });
    unsettled_rows_ += static_cast<std::int64_t>(places.size());
    if (unsettled_rows_ >= kRowsInLog) checkpoint();
}

/// Empties the log into the file as far as that goes, without keeping anybody from writing.
void FreshTable::checkpoint() {
    const int result =
        sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    // One that others keep from it is done next time. But what the system could not bring to the disk it may
    // have forgotten, without a word to the next who asks.
    if (result != SQLITE_BUSY) connection_.check(result);
    unsettled_rows_ = 0;
}

void FreshTable::make_index(const Control& control) {
    writer_.reset();
    const Watch watch(connection_, control);
    try {
        transact([&] {
            connection_.execute(fmt::format("CREATE UNIQUE INDEX {} ON {} (id)",
                                            sqlite::quoted(PlaceTable::index_name(schema_.name)),
                                            sqlite::quoted(staging_.name)));
        });
    } catch (const Error&) {
        control.check();
        throw;
    }
    checkpoint();
}

CollectionRecord FreshTable::publish() {
    CollectionRecord record;
    connection_.execute("PRAGMA synchronous = EXTRA");
    transact([&] {
        PlaceTable::require_free(connection_, schema_.name);
        connection_.execute(fmt::format("ALTER TABLE {} RENAME TO {}", sqlite::quoted(staging_.name),
                                        sqlite::quoted(schema_.name)));
        PlaceTable::enter(connection_, schema_);
        record = CollectionRecord::create(connection_, schema_.name);
        if (rows_ != 0) ++record.sequence_number;
        RecordKeeper(connection_, schema_.name).set(record, extent_);
        geopackage::widen_geometry_column(connection_, schema_.name, content_);
        import_log::end(connection_, job_);
    });
    published_ = true;
    return record;
}

FreshTable::~FreshTable() {
    try {
        if (!published_) drop();
    } catch (const Error&) {
        // It stays in the list of imports, and is dropped when its collection is next imported, or the file
        // opened for writing.
    }
    const std::scoped_lock lock(file_.mutex());
    file_.running_imports().erase(job_);
}

void FreshTable::drop() {
    writer_.reset();
    transact([this] {
        connection_.execute(fmt::format("DROP TABLE IF EXISTS {}", sqlite::quoted(staging_.name)));
        import_log::end(connection_, job_);
    });
}

}  // namespace crowfly
