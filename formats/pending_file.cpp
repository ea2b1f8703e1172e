#include "formats/pending_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.h"

namespace crowfly {
namespace {

[[noreturn]] void fail(const std::string& name, int error) {
    throw Error(code_of_errno(error), fmt::format("{}: {}", name, std::strerror(error)));
}

void bring_to_disk(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!done) fail(path, error);
}

}  // namespace

PendingFile::PendingFile(const std::string& path) : target_(path) {
    std::error_code ignored;
    if (std::filesystem::is_symlink(path))
        target_ = std::filesystem::weakly_canonical(path, ignored).string();
    if (path.empty() || std::filesystem::is_directory(path, ignored))
        fail(path, path.empty() ? ENOENT : EISDIR);
    int descriptor = -1;
    for (int attempt = 0; descriptor < 0; ++attempt) {
        path_ = fmt::format("{}.{}-{}.part", target_, ::getpid(), attempt);
        descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST) fail(path, errno);
    }
    struct stat status {};
    if (::stat(target_.c_str(), &status) == 0) ::fchmod(descriptor, status.st_mode & 0777);
    ::close(descriptor);
}

PendingFile::~PendingFile() {
    if (!committed_) ::unlink(path_.c_str());
}

void PendingFile::commit() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail(target_, errno);
    committed_ = true;
}

/// A rename is on the disk when its directory is.
void PendingFile::commit_to_disk() {
    bring_to_disk(path_, 0);
    commit();
    const std::string directory = std::filesystem::path(target_).parent_path().string();
    bring_to_disk(directory.empty() ? "." : directory, O_DIRECTORY);
}

}  // namespace crowfly
