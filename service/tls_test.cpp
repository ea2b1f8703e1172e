#include "service/tls.h"

#include <ctime>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;
using testing::HasSubstr;
using testing::StartsWith;

struct Release {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(SSL* connection) const noexcept { SSL_free(connection); }
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

struct Identity {
    std::string certificate;
    std::string key;
};

std::string text_of(const Owned<BIO>& bio) {
    char* data = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(bio.get(), &data));
    return {data, size};
}

/// A certificate that its own key has signed, good for so long from now.
Identity identity(EVP_PKEY* made, const char* name = "atlas", hours good_for = hours(1),
                  const char* passphrase = nullptr) {
    const Owned<EVP_PKEY> key(made);
    const Owned<X509> certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), static_cast<long>(good_for.count()) * 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1,
                               -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const Owned<BIO> certificate_text(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(certificate_text.get(), certificate.get());
    const Owned<BIO> key_text(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(key_text.get(), key.get(), passphrase == nullptr ? nullptr : EVP_aes_128_cbc(),
                             nullptr, 0, nullptr, const_cast<char*>(passphrase));
    return {text_of(certificate_text), text_of(key_text)};
}

/// A client and a server that speak through memory.
class Handshake {
  public:
    explicit Handshake(const TlsContext& server)
        : context_(server.current()), client_context_(SSL_CTX_new(TLS_client_method())) {}

    SSL_CTX* client() { return client_context_.get(); }

    /// Whether they come to an agreement.
    bool run(const std::string& protocols = {}) {
        client_.reset(SSL_new(client_context_.get()));
        server_.reset(SSL_new(context_->native_handle()));
        BIO* a = nullptr;
        BIO* b = nullptr;
        BIO_new_bio_pair(&a, 0, &b, 0);
        SSL_set_bio(client_.get(), a, a);
        SSL_set_bio(server_.get(), b, b);
        SSL_set_connect_state(client_.get());
        SSL_set_accept_state(server_.get());
        if (!protocols.empty()) {
            SSL_set_alpn_protos(client_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
        }
        for (int i = 0; i < 10; ++i) {
            SSL_do_handshake(client_.get());
            SSL_do_handshake(server_.get());
        }
        ERR_clear_error();
        return SSL_is_init_finished(client_.get()) != 0 && SSL_is_init_finished(server_.get()) != 0;
    }

    std::string version() const { return SSL_get_version(client_.get()); }
    std::string cipher() const { return SSL_get_cipher_name(client_.get()); }
    std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(client_.get(), &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }
    std::string peer() const {
        const Owned<X509> certificate(SSL_get1_peer_certificate(client_.get()));
        char name[64]{};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                                  sizeof(name));
        return name;
    }

  private:
    std::shared_ptr<boost::asio::ssl::context> context_;
    Owned<SSL_CTX> client_context_;
    Owned<SSL> client_;
    Owned<SSL> server_;
};

class Tls : public testing::Test {
  protected:
    TlsContext context(const Identity& of) { return context(of.certificate, of.key); }
    TlsContext context(const std::string& certificate, const std::string& key) {
        write(certificate, key);
        return {certificate_, key_};
    }
    void write(const std::string& certificate, const std::string& key) {
        directory_.file("cert.pem", certificate);
        directory_.file("key.pem", key);
    }
    std::string fault(const std::string& certificate, const std::string& key) {
        return tests::thrown_text([&] { context(certificate, key); });
    }

    tests::TemporaryDirectory directory_;
    std::string certificate_ = directory_.path("cert.pem");
    std::string key_ = directory_.path("key.pem");
};

TEST_F(Tls, SpeaksWhatIsModern) {
    const TlsContext server = context(identity(EVP_EC_gen("P-256")));
    Handshake plain(server);
    ASSERT_TRUE(plain.run());
    EXPECT_EQ(plain.version(), "TLSv1.3");
    EXPECT_EQ(plain.peer(), "atlas");
    Handshake older(server);
    SSL_CTX_set_max_proto_version(older.client(), TLS1_2_VERSION);
    ASSERT_TRUE(older.run());
    EXPECT_THAT(older.cipher(), StartsWith("ECDHE-ECDSA-"));
    Handshake too_old(server);
    SSL_CTX_set_max_proto_version(too_old.client(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(too_old.client(), 0);
    EXPECT_FALSE(too_old.run());
    Handshake no_secrecy(context(identity(EVP_RSA_gen(2048))));
    SSL_CTX_set_max_proto_version(no_secrecy.client(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(no_secrecy.client(), "AES128-GCM-SHA256:AES128-SHA");
    EXPECT_FALSE(no_secrecy.run());
}

TEST_F(Tls, OffersHttp) {
    const TlsContext server = context(identity(EVP_RSA_gen(2048)));
    Handshake both(server);
    ASSERT_TRUE(both.run("\x02h2\x08http/1.1"));
    EXPECT_EQ(both.protocol(), "http/1.1");
    EXPECT_FALSE(Handshake(server).run("\x02h2"));
}

TEST_F(Tls, SaysWhatIsWrongWithItsFiles) {
    const Identity good = identity(EVP_EC_gen("P-256"));
    const Identity rsa = identity(EVP_RSA_gen(2048));
    EXPECT_EQ(tests::thrown_text([&] { TlsContext(directory_.path("none"), key_); }),
              "not_found " + directory_.path("none") + ": No such file or directory");
    write(good.certificate, good.key);
    EXPECT_EQ(tests::thrown_text([&] { TlsContext(certificate_, directory_.path("none")); }),
              "not_found " + directory_.path("none") + ": No such file or directory");
    EXPECT_THAT(fault("", good.key), StartsWith("malformed " + certificate_ + ": is no certificate in PEM"));
    EXPECT_THAT(fault(good.key, good.key),
                StartsWith("malformed " + certificate_ + ": is no certificate in PEM"));
    EXPECT_THAT(fault(good.certificate, good.certificate),
                StartsWith("malformed " + key_ + ": is no private key in PEM that is not encrypted"));
    const std::string mismatch =
        "invalid_argument " + key_ + ": is not the key of the certificate in " + certificate_;
    EXPECT_THAT(fault(good.certificate, identity(EVP_EC_gen("P-256")).key), StartsWith(mismatch));
    EXPECT_THAT(fault(good.certificate, rsa.key), StartsWith(mismatch));
    EXPECT_THAT(fault(good.certificate, identity(EVP_EC_gen("P-256"), "a", hours(1), "secret").key),
                StartsWith("malformed " + key_ + ": is no private key in PEM that is not encrypted"));
    const Identity old = identity(EVP_EC_gen("P-256"), "atlas", hours(-1));
    EXPECT_THAT(fault(old.certificate, old.key),
                StartsWith("invalid_argument " + certificate_ + ": the certificate has expired at 2"));
    const Identity weak = identity(EVP_RSA_gen(1024));
    EXPECT_THAT(
        fault(weak.certificate, weak.key),
        testing::AllOf(StartsWith("invalid_argument " + certificate_), HasSubstr("ee key too small")));
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(Tls, TakesUpANewCertificateWithoutARestart) {
    const Identity first = identity(EVP_EC_gen("P-256"), "first");
    const Identity second = identity(EVP_RSA_gen(2048), "second", hours(2));
    TlsContext server = context(first);
    EXPECT_LT(server.expires(), system_clock::now() + hours(1) + std::chrono::minutes(1));
    EXPECT_FALSE(server.reload_if_changed());
    Handshake begun_before(server);
    directory_.file("cert.pem", second.certificate);
    EXPECT_EQ(tests::thrown_code([&] { server.reload_if_changed(); }), Code::invalid_argument);
    EXPECT_FALSE(server.reload_if_changed());
    Handshake meanwhile(server);
    ASSERT_TRUE(meanwhile.run());
    EXPECT_EQ(meanwhile.peer(), "first");
    directory_.file("key.pem", second.key);
    EXPECT_TRUE(server.reload_if_changed());
    EXPECT_FALSE(server.reload_if_changed());
    Handshake after(server);
    ASSERT_TRUE(after.run());
    EXPECT_EQ(after.peer(), "second");
    ASSERT_TRUE(begun_before.run());
    EXPECT_EQ(begun_before.peer(), "first");
    EXPECT_GT(server.expires(), system_clock::now() + hours(1));
}

}  // namespace
}  // namespace crowfly
