#include "cli/output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "core/files.h"

namespace crowfly {
namespace {

[[noreturn]] void fail(const std::string& name, int error) {
    throw Error(code_of_errno(error), fmt::format("{}: {}", name, std::strerror(error)));
}

/// Whether bytes can only go straight there: it is a pipe, a terminal, or another thing that cannot be
/// replaced.
bool is_special(const std::string& path) {
    const std::filesystem::file_status status = std::filesystem::status(path);
    return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
           !std::filesystem::is_directory(status);
}

}  // namespace

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
