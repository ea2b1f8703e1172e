#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "core/live/published.h"
#include "service/file_stamp.h"

namespace crowfly {

/// What a server shows of itself over TLS: a certificate and its key, in PEM. TLS 1.2 and 1.3, with forward
/// secrecy only; ALPN offers http/1.1.
///
/// `current` may be called by any number of threads, which never wait for `reload_if_changed`; one thread at
/// a time calls that.
class TlsContext {
  public:
    /// `certificate_file` has the server's certificate first, then those between it and the root. The key
    /// must not be encrypted. Throws Error(not_found, permission_denied or io) when a file cannot be read,
    /// Error(malformed) when it is not what it should be, and Error(invalid_argument) for a certificate that
    /// has expired or does not belong to the key, and for a key that is too weak.
    TlsContext(std::string certificate_file, std::string key_file);

    /// For a new connection. One that is there keeps the context that it began with.
    std::shared_ptr<boost::asio::ssl::context> current() const noexcept { return context_.load(); }

    /// Until when the certificate is good.
    std::chrono::system_clock::time_point expires() const;

    /// Reads the files again when one of them has changed, and says whether it has. When that fails it throws
    /// as the constructor, once for each change, and connections are given the context of before. Who renews
    /// a certificate writes two files: between them they do not fit each other, and with the second it is
    /// tried again.
    bool reload_if_changed();

  private:
    std::string certificate_file_;
    std::string key_file_;
    FileStamp certificate_stamp_;
    FileStamp key_stamp_;
    Published<boost::asio::ssl::context> context_;
};

}  // namespace crowfly
