#include "store/embedded/writer_lock.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.h"

namespace crowfly {
namespace {

/// The name that all symbolic links to the store lead to, also when it is not there yet.
std::filesystem::path resolved(const std::string& store) {
    constexpr int kMostLinks = 40;
    std::filesystem::path path = std::filesystem::absolute(store);
    std::error_code failed;
    for (int links = 0; links < kMostLinks && std::filesystem::is_symlink(path, failed); ++links)
        path = path.parent_path() / std::filesystem::read_symlink(path, failed);
    const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, failed);
    return failed ? path : canonical;
}

std::string path_of_lock(const std::string& store) {
    return resolved(store).string() + ".crowfly-lock";
}

[[noreturn]] void fail(const std::string& store, const std::string& path, int error) {
    throw Error(code_of_errno(error),
                fmt::format("{}: cannot be held for writing, for which {} is needed: {}", store, path,
                            std::strerror(error)));
}

int open_or_make(const std::string& store, const std::string& path) {
    constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    for (;;) {
        // In two steps: where anybody may put files, the system lets nobody open with O_CREAT what others
        // own.
        int descriptor = ::open(path.c_str(), kFlags);
        if (descriptor >= 0) return descriptor;
        if (errno != ENOENT) fail(store, path, errno);
        descriptor = ::open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0644);
        if (descriptor >= 0) return descriptor;
        if (errno != EEXIST) fail(store, path, errno);
    }
}

struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

std::string timestamp() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

/// Whoever may write the file may put anything there; a terminal shall not be told what to do by it.
std::string printable(std::string_view text) {
    constexpr std::size_t kLongest = 255;
    std::string result(text.substr(0, kLongest));
    for (char& c : result) c = c > ' ' && c != '\x7f' ? c : '?';
    return result;
}

Holder parse(std::string_view text) {
    Holder holder;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::string_view key = line.substr(0, line.find(' '));
        const std::string_view value = line.substr(std::min(key.size() + 1, line.size()));
        if (key == "program") holder.program = printable(value);
        if (key == "host") holder.host = printable(value);
        if (key == "since") holder.since = printable(value);
        if (key == "pid") std::from_chars(value.data(), value.data() + value.size(), holder.pid);
    }
    return holder;
}

/// What the holder wrote. It has the lock a moment before it has said so.
Holder read_holder(int descriptor) {
    constexpr int kTries = 20;
    std::array<char, 1024> text{};
    for (int tries = 0; tries < kTries; ++tries) {
        const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
        if (size > 0) return parse({text.data(), static_cast<std::size_t>(size)});
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {};
}

}  // namespace

std::string Holder::text() const {
    if (pid == 0) return "another process";
    return fmt::format("{} (pid {} on {}, since {})", program, pid, host, since);
}

WriterLock::WriterLock(const std::string& store) : path_(path_of_lock(store)) {
    for (;;) {
        descriptor_ = open_or_make(store, path_);
        struct flock lock = whole_file();
        if (::fcntl(descriptor_, F_OFD_SETLK, &lock) == 0) {
            if (is_still_there()) break;
            // Its last holder has removed it since it was opened.
            ::close(descriptor_);
            continue;
        }
        const int error = errno;
        const bool is_held = error == EAGAIN || error == EACCES;
        const Holder holder = is_held ? read_holder(descriptor_) : Holder();
        ::close(descriptor_);
        if (!is_held) fail(store, path_, error);
        throw Error(Code::busy, fmt::format("{}: is held for writing by {}; it can be read meanwhile", store,
                                            holder.text()));
    }
    describe(store);
}

WriterLock::~WriterLock() {
    if (is_still_there()) ::unlink(path_.c_str());
    ::close(descriptor_);
}

std::optional<Holder> WriterLock::holder(const std::string& store) {
    const int descriptor = ::open(path_of_lock(store).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return std::nullopt;
    struct flock lock = whole_file();
    const bool is_held = ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    std::optional<Holder> holder;
    if (is_held) holder = read_holder(descriptor);
    ::close(descriptor);
    return holder;
}

/// Whether the path still leads to the file that is open.
bool WriterLock::is_still_there() const {
    struct stat opened {};
    struct stat named {};
    return ::fstat(descriptor_, &opened) == 0 && ::lstat(path_.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// The file is for those who may write the store, as its log is.
void WriterLock::describe(const std::string& store) const {
    struct stat status {};
    if (::stat(store.c_str(), &status) == 0) {
        ::fchmod(descriptor_, status.st_mode & 0666);
        [[maybe_unused]] const int owned =
            ::geteuid() == 0 ? ::fchown(descriptor_, status.st_uid, status.st_gid) : 0;
    }
    const std::string text = fmt::format("program {}\npid {}\nhost {}\nsince {}\n",
                                         program_invocation_short_name, ::getpid(), host_name(), timestamp());
    // On a full disk the lock holds all the same, and its holder stays unnamed.
    [[maybe_unused]] const bool named =
        ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, text.data(), text.size(), 0) > 0;
}

}  // namespace crowfly
