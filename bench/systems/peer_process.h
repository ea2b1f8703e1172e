#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crowfly::bench {

/// A program that answers each line with one line. It is ended by the end of its standard input, with the
/// object. Standard error is that of this program.
class PeerProcess {
  public:
    /// The first argument is its path.
    explicit PeerProcess(const std::vector<std::string>& arguments);
    PeerProcess(const PeerProcess&) = delete;
    PeerProcess& operator=(const PeerProcess&) = delete;
    ~PeerProcess();

    /// Waits for its next line; false when it has ended.
    bool read_line(std::string& line);

    /// Sends a line.
    void write_line(const std::string& line);

  private:
    pid_t process_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::string unread_;
};

/// A directory for the files that this program and a peer exchange; removed with the object.
class ExchangeDirectory {
  public:
    ExchangeDirectory();
    ExchangeDirectory(const ExchangeDirectory&) = delete;
    ExchangeDirectory& operator=(const ExchangeDirectory&) = delete;
    ~ExchangeDirectory();

    std::filesystem::path file(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace crowfly::bench
