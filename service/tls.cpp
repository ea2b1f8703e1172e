#include "service/tls.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/files.h"
#include "service/utc_time.h"

namespace crowfly {
namespace {

namespace ssl = boost::asio::ssl;
using std::chrono::system_clock;

// What TLS 1.2 may use: as Mozilla's "intermediate" settings 5.7 have it, but for those without elliptic
// curves.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

void require_readable(const std::string& path) {
    const std::ifstream file(path);
    if (!file) throw Error(code_of_errno(errno), fmt::format("{}: {}", path, std::strerror(errno)));
}

/// The oldest fault in OpenSSL's queue, from which the others came; the queue is emptied.
unsigned long take_fault() {
    const unsigned long fault = ERR_peek_error();
    ERR_clear_error();
    return fault;
}

[[noreturn]] void fail(Code code, const std::string& path, std::string_view what) {
    const char* reason = ERR_reason_error_string(take_fault());
    throw Error(code,
                fmt::format("{}: {} ({})", path, what, reason == nullptr ? "no reason is known" : reason));
}

system_clock::time_point time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return system_clock::time_point::min();
    return system_clock::from_time_t(::timegm(&parts));
}

system_clock::time_point expiry_of(ssl::context& context) {
    return time_of(X509_get0_notAfter(SSL_CTX_get0_certificate(context.native_handle())));
}

/// Chooses http/1.1 when the client offers it, and ends the handshake when it offers only others (RFC
/// 7301, 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned in_length, void*) {
    static constexpr std::array<unsigned char, 9> kHttp{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(&chosen, out_length, kHttp.data(), kHttp.size(), in, in_length);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

void set_protocol(ssl::context& context) {
    SSL_CTX* handle = context.native_handle();
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_options(handle, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    if (SSL_CTX_set_cipher_list(handle, kCiphers) != 1) fail(Code::internal, "TLS", "no cipher can be used");
    // An idle connection gives back its buffers, 34 KiB.
    SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(handle, choose_protocol, nullptr);
}

void set_certificate(ssl::context& context, const std::string& path) {
    if (SSL_CTX_use_certificate_chain_file(context.native_handle(), path.c_str()) == 1) return;
    if (ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_PEM_LIB)
        fail(Code::malformed, path, "is no certificate in PEM");
    fail(Code::invalid_argument, path, "the certificate cannot be used");
}

void set_key(ssl::context& context, const std::string& path, const std::string& certificate_path) {
    SSL_CTX* handle = context.native_handle();
    // OpenSSL would ask the terminal.
    SSL_CTX_set_default_passwd_cb(handle, [](char*, int, int, void*) { return -1; });
    const bool is_key = SSL_CTX_use_PrivateKey_file(handle, path.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!is_key && ERR_GET_LIB(ERR_peek_last_error()) != ERR_LIB_X509)
        fail(Code::malformed, path, "is no private key in PEM that is not encrypted");
    if (!is_key || SSL_CTX_check_private_key(handle) != 1)
        fail(Code::invalid_argument, path, "is not the key of the certificate in " + certificate_path);
}

std::shared_ptr<ssl::context> make_context(const std::string& certificate_file, const std::string& key_file) {
    require_readable(certificate_file);
    require_readable(key_file);
    ERR_clear_error();
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    set_protocol(*context);
    set_certificate(*context, certificate_file);
    set_key(*context, key_file, certificate_file);
    const auto expires = expiry_of(*context);
    if (expires <= system_clock::now()) {
        throw Error(Code::invalid_argument, fmt::format("{}: the certificate has expired at {}",
                                                        certificate_file, utc_text(expires)));
    }
    return context;
}

}  // namespace

TlsContext::TlsContext(std::string certificate_file, std::string key_file)
    : certificate_file_(std::move(certificate_file)),
      key_file_(std::move(key_file)),
      certificate_stamp_(FileStamp::of(certificate_file_)),
      key_stamp_(FileStamp::of(key_file_)),
      context_(make_context(certificate_file_, key_file_)) {}

system_clock::time_point TlsContext::expires() const {
    return expiry_of(*context_.load());
}

bool TlsContext::reload_if_changed() {
    const FileStamp certificate_stamp = FileStamp::of(certificate_file_);
    const FileStamp key_stamp = FileStamp::of(key_file_);
    if (certificate_stamp == certificate_stamp_ && key_stamp == key_stamp_) return false;
    certificate_stamp_ = certificate_stamp;
    key_stamp_ = key_stamp;
    context_.store(make_context(certificate_file_, key_file_));
    return true;
}

}  // namespace crowfly
