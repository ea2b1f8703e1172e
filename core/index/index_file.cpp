#include "core/index/index_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.h"

namespace crowfly {
namespace {

[[noreturn]] void fail(const std::string& path, const char* action) {
    const int number = errno;
    throw Error(code_of_errno(number),
                fmt::format("{} cannot be {}: {}", path, action, std::generic_category().message(number)));
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const noexcept { return number_; }

  private:
    int number_;
};

void write_all(const Descriptor& file, std::span<const std::byte> bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(path, "written");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

/// A rename is on the disk when its directory is.
void sync_directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0 || ::fsync(opened.number()) != 0) fail(directory, "synchronised");
}

}  // namespace

MappedFile map_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) fail(path, "opened");
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) fail(path, "examined");
    if (!S_ISREG(status.st_mode)) throw Error(Code::io, fmt::format("{} is not a regular file", path));
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) return {};
    void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (memory == MAP_FAILED) fail(path, "mapped into memory");
    std::shared_ptr<const void> owner(memory,
                                      [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
    return {{static_cast<const std::byte*>(memory), size}, std::move(owner)};
}

void write_file(const std::string& path, std::span<const std::byte> bytes) {
    std::string beside = path + ".XXXXXX";
    const Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
    if (file.number() < 0) fail(path, "written");
    try {
        write_all(file, bytes, beside);
        constexpr mode_t kReadable = 0644;
        if (::fchmod(file.number(), kReadable) != 0 || ::fsync(file.number()) != 0) fail(beside, "written");
        if (std::rename(beside.c_str(), path.c_str()) != 0) fail(path, "replaced");
    } catch (...) {
        ::unlink(beside.c_str());
        throw;
    }
    sync_directory_of(path);
}

}  // namespace crowfly
