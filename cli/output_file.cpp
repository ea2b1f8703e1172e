#include "cli/output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "core/error.h"

namespace crowfly {
namespace {

[[noreturn]] void fail(const std::string& name, int error) {
    const Code code = error == ENOENT || error == ENOTDIR                   ? Code::not_found
                      : error == EACCES || error == EPERM || error == EROFS ? Code::permission_denied
                                                                            : Code::io;
    throw Error(code, fmt::format("{}: {}", name, std::strerror(error)));
}

/// Whether bytes can only go straight there: it is a pipe, a terminal, or another thing that cannot be
/// replaced.
bool is_special(const std::string& path) {
    const std::filesystem::file_status status = std::filesystem::status(path);
    return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
           !std::filesystem::is_directory(status);
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

OutputFile::OutputFile(const std::string& path) : name_(path == "-" ? "standard output" : path) {
    if (path == "-") {
        descriptor_ = ::dup(STDOUT_FILENO);
    } else if (is_special(path)) {
        descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
        pending_.emplace(path);
        descriptor_ = ::open(pending_->path().c_str(), O_WRONLY | O_CLOEXEC);
    }
    if (descriptor_ < 0) fail(name_, errno);
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) fail(name_, errno);
        if (written < 0) {
            Interrupt::check();
            continue;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void OutputFile::commit() {
    const int closed = ::close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) fail(name_, errno);
    if (pending_) pending_->commit();
}

}  // namespace crowfly
