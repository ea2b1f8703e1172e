#include "tests/crash/faulty_vfs.h"

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "tests/support/temporary.h"

namespace crowfly::tests {

/// What SQLite has for an open file. The system's file is behind it, in the same piece of memory.
struct FaultyFile {
    sqlite3_file base;
    FaultyVfs* vfs;
    const char* path;  ///< null for a temporary file, to which nothing happens

    static FaultyFile& of(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
    static constexpr std::size_t kSize = (sizeof(sqlite3_file) + 2 * sizeof(void*) + 15) / 16 * 16;
    static sqlite3_file* real(sqlite3_file* file) {
        return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kSize);
    }

    static int close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
    static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset);
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
    static int size(sqlite3_file* file, sqlite3_int64* size) {
        return real(file)->pMethods->xFileSize(real(file), size);
    }
    static int lock(sqlite3_file* file, int kind) { return real(file)->pMethods->xLock(real(file), kind); }
    static int unlock(sqlite3_file* file, int kind) {
        return real(file)->pMethods->xUnlock(real(file), kind);
    }
    static int is_reserved(sqlite3_file* file, int* result) {
        return real(file)->pMethods->xCheckReservedLock(real(file), result);
    }
    static int control(sqlite3_file* file, int operation, void* argument) {
        return real(file)->pMethods->xFileControl(real(file), operation, argument);
    }
    static int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
    static int characteristics(sqlite3_file* file) {
        return real(file)->pMethods->xDeviceCharacteristics(real(file));
    }
    static int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
        return real(file)->pMethods->xShmMap(real(file), region, size, extend, memory);
    }
    static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
        return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
    }
    static void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
    static int shm_unmap(sqlite3_file* file, int remove) {
        return real(file)->pMethods->xShmUnmap(real(file), remove);
    }
    static int fetch(sqlite3_file* file, sqlite3_int64 offset, int size, void** memory) {
        return real(file)->pMethods->xFetch(real(file), offset, size, memory);
    }
    static int unfetch(sqlite3_file* file, sqlite3_int64 offset, void* memory) {
        return real(file)->pMethods->xUnfetch(real(file), offset, memory);
    }

    static constexpr sqlite3_io_methods kMethods{
        3,         close,       read,    write,       truncate,        sync,    size,     lock,
        unlock,    is_reserved, control, sector_size, characteristics, shm_map, shm_lock, shm_barrier,
        shm_unmap, fetch,       unfetch};
};
static_assert(FaultyFile::kSize >= sizeof(FaultyFile));

int FaultyFile::read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
    if (of(file).path != nullptr && of(file).vfs->reads_fail_) return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), bytes, size, offset);
}

int FaultyFile::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    const FaultyFile& self = of(file);
    const sqlite3_io_methods& methods = *real(file)->pMethods;
    if (self.path == nullptr) return methods.xWrite(real(file), bytes, size, offset);
    const std::scoped_lock lock(self.vfs->mutex_);
    sqlite3_int64 size_before = 0;
    methods.xFileSize(real(file), &size_before);
    const auto [fault, is_first] = self.vfs->judge_next(offset + size > size_before);
    const std::string_view content(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    const auto write_to_disk = [&](std::size_t count) {
        self.vfs->disk_.write(self.path, static_cast<std::size_t>(offset), content.substr(0, count));
    };
    switch (fault) {
        case FaultyVfs::Fault::disk_full:
            return SQLITE_FULL;
        case FaultyVfs::Fault::power_cut:
            if (is_first) write_to_disk(content.size());
            return SQLITE_IOERR_WRITE;
        case FaultyVfs::Fault::io_error:
            write_to_disk(content.size() / 2);
            methods.xWrite(real(file), bytes, size / 2, offset);
            return SQLITE_IOERR_WRITE;
        case FaultyVfs::Fault::none:
            break;
    }
    write_to_disk(content.size());
    return methods.xWrite(real(file), bytes, size, offset);
}

int FaultyFile::truncate(sqlite3_file* file, sqlite3_int64 size) {
    const FaultyFile& self = of(file);
    if (self.path == nullptr) return real(file)->pMethods->xTruncate(real(file), size);
    const std::scoped_lock lock(self.vfs->mutex_);
    const auto [fault, is_first] = self.vfs->judge_next(false);
    const bool is_done = fault == FaultyVfs::Fault::none;
    if (is_done || (fault == FaultyVfs::Fault::power_cut && is_first))
        self.vfs->disk_.truncate(self.path, static_cast<std::size_t>(size));
    return is_done ? real(file)->pMethods->xTruncate(real(file), size) : SQLITE_IOERR_TRUNCATE;
}

/// Nobody will switch this machine off meanwhile, so the system's file need not be synchronised.
int FaultyFile::sync(sqlite3_file* file, int flags) {
    const FaultyFile& self = of(file);
    if (self.path == nullptr) return real(file)->pMethods->xSync(real(file), flags);
    const std::scoped_lock lock(self.vfs->mutex_);
    const FaultyVfs::Fault fault = self.vfs->judge_next(false).fault;
    if (fault == FaultyVfs::Fault::none) self.vfs->disk_.sync(self.path);
    if (fault == FaultyVfs::Fault::io_error) self.vfs->disk_.fail_to_sync(self.path);
    return fault == FaultyVfs::Fault::none ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

FaultyVfs::FaultyVfs() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.szOsFile = static_cast<int>(FaultyFile::kSize) + real_->szOsFile;
    vfs_.zName = "crowfly-faulty";
    vfs_.pAppData = this;
    vfs_.pNext = nullptr;
    vfs_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
        return static_cast<FaultyVfs*>(vfs->pAppData)->open(path, file, flags, out_flags);
    };
    vfs_.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync_directory) {
        return static_cast<FaultyVfs*>(vfs->pAppData)->remove(path, sync_directory);
    };
    // What is not set here does not care by whose name it is called.
    vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* result) {
        sqlite3_vfs* real = static_cast<FaultyVfs*>(vfs->pAppData)->real_;
        return real->xAccess(real, path, flags, result);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* result) {
        sqlite3_vfs* real = static_cast<FaultyVfs*>(vfs->pAppData)->real_;
        return real->xFullPathname(real, path, size, result);
    };
    if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("no file system for SQLite");
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
}

void FaultyVfs::fail_at(std::uint64_t call, Fault fault, bool from_then_on) {
    const std::scoped_lock lock(mutex_);
    fault_ = fault;
    at_ = call;
    from_then_on_ = from_then_on;
    calls_ = 0;
    has_failed_ = false;
}

int FaultyVfs::open(const char* path, sqlite3_file* file, int flags, int* out_flags) {
    constexpr int kKept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    const std::scoped_lock lock(mutex_);
    const bool is_kept = path != nullptr && (flags & kKept) != 0;
    const bool is_new = is_kept && !std::filesystem::exists(path);
    const bool is_off = has_failed_ && fault_ == Fault::power_cut;
    FaultyFile& opened = FaultyFile::of(file);
    opened.base.pMethods = nullptr;
    if (is_new && is_off) return SQLITE_CANTOPEN;
    const int result = real_->xOpen(real_, path, FaultyFile::real(file), flags, out_flags);
    if (FaultyFile::real(file)->pMethods == nullptr) return result;
    opened = {.base = {&FaultyFile::kMethods}, .vfs = this, .path = is_kept ? path : nullptr};
    if (is_kept) disk_.open(path, is_new ? std::string() : read_file(path), is_new);
    return result;
}

int FaultyVfs::remove(const char* path, int sync_directory) {
    const std::scoped_lock lock(mutex_);
    if (judge_next(false).fault != Fault::none) return SQLITE_IOERR_DELETE;
    disk_.remove(path, sync_directory != 0);
    return real_->xDelete(real_, path, 0);
}

/// What is to become of the next call, which is counted.
FaultyVfs::Verdict FaultyVfs::judge_next(bool grows) {
    const std::uint64_t call = ++calls_;
    const bool all = from_then_on_ || fault_ == Fault::power_cut;
    const bool is_due = fault_ != Fault::none && (all ? call >= at_ : call == at_);
    if (!is_due || (fault_ == Fault::disk_full && !grows)) return {};
    return {fault_, !has_failed_.exchange(true)};
}

}  // namespace crowfly::tests
