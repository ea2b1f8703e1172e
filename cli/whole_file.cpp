#include "cli/whole_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/output.h"
#include "core/error.h"

namespace crowfly {

WholeFile::WholeFile(std::string path) : path_(std::move(path)) {
    if (path_ == "-") return;
    beside_ = fmt::format("{}.{}.part", path_, ::getpid());
    file_ = std::fopen(beside_.c_str(), "wbx");
    if (file_ == nullptr) fail();
}

WholeFile::~WholeFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(beside_.c_str());
}

void WholeFile::write(std::string_view text) {
    if (path_ == "-") return print(text);
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
}

void WholeFile::commit() {
    if (path_ == "-") return;
    if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail();
    if (std::rename(beside_.c_str(), path_.c_str()) != 0) fail();
    std::fclose(file_);
    file_ = nullptr;
}

void WholeFile::fail() const {
    const int error = errno;
    const Code code = error == ENOENT                     ? Code::not_found
                      : error == EACCES || error == EPERM ? Code::permission_denied
                                                          : Code::io;
    throw Error(code, fmt::format("{}: cannot be written: {}", path_, std::strerror(error)));
}

}  // namespace crowfly
