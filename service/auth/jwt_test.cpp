#include "service/auth/jwt.h"

#include <atomic>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "service/auth/jwt_keys.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

constexpr std::int64_t kNowSeconds = 1'795'290'363;
const system_clock::time_point kNow{seconds(kNowSeconds)};

std::string base64url(std::string_view bytes) {
    std::string text(4 * (bytes.size() / 3 + 1) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

/// Signs by OpenSSL alone, which the verifier's library is to agree with.
class Signer {
  public:
    static Signer rsa(unsigned bits) { return Signer(EVP_RSA_gen(bits), 0); }
    static Signer ec(const char* curve, std::size_t coordinate_bytes) {
        return Signer(EVP_EC_gen(curve), coordinate_bytes);
    }

    std::string public_pem() const {
        BIO* bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(bio, key_.get());
        char* data = nullptr;
        const auto size = static_cast<std::size_t>(BIO_get_mem_data(bio, &data));
        std::string pem(data, size);
        BIO_free(bio);
        return pem;
    }

    std::string number(const char* parameter) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), parameter, &value);
        const auto size = coordinate_bytes_ > 0 ? static_cast<int>(coordinate_bytes_) : BN_num_bytes(value);
        std::string bytes(static_cast<std::size_t>(size), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), size);
        BN_free(value);
        return base64url(bytes);
    }

    /// A JWK of RSA; `more` are members that are added to it.
    std::string rsa_jwk(const std::string& more = {}) const {
        return fmt::format(R"({{"kty":"RSA","n":"{}","e":"{}"{}}})", number("n"), number("e"), more);
    }

    std::string ec_jwk(const char* curve, const std::string& more = {}) const {
        return fmt::format(R"({{"kty":"EC","crv":"{}","x":"{}","y":"{}"{}}})", curve, number("qx"),
                           number("qy"), more);
    }

    std::string token(const std::string& algorithm, const std::string& claims,
                      const std::string& more = {}) const {
        const std::string header = fmt::format(R"({{"alg":"{}"{}}})", algorithm, more);
        const std::string text = base64url(header) + "." + base64url(claims);
        return text + "." + base64url(signature(algorithm, text));
    }

  private:
    struct Release {
        void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    };

    Signer(EVP_PKEY* key, std::size_t coordinate_bytes) : key_(key), coordinate_bytes_(coordinate_bytes) {}

    std::string signature(const std::string& algorithm, const std::string& text) const {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_PKEY_CTX* settings = nullptr;
        const EVP_MD* digest = EVP_get_digestbyname(("SHA" + algorithm.substr(2)).c_str());
        EVP_DigestSignInit(context, &settings, digest, nullptr, key_.get());
        if (algorithm.starts_with("PS")) {
            EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST);
        }
        std::size_t size = 1024;
        std::string result(size, '\0');
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(result.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        result.resize(size);
        EVP_MD_CTX_free(context);
        return algorithm.starts_with("ES") ? raw(result) : result;
    }

    /// The two numbers of an ECDSA signature one after the other (RFC 7518, 3.4).
    std::string raw(const std::string& der) const {
        const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
        std::string result(2 * coordinate_bytes_, '\0');
        auto* out = reinterpret_cast<unsigned char*>(result.data());
        const auto size = static_cast<int>(coordinate_bytes_);
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, size);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + size, size);
        ECDSA_SIG_free(pair);
        return result;
    }

    std::unique_ptr<EVP_PKEY, Release> key_;
    std::size_t coordinate_bytes_;
};

std::string claims(const std::string& more = R"(,"role":"reader")") {
    return fmt::format(R"({{"exp":{}{}}})", kNowSeconds + 60, more);
}

class Jwt : public testing::Test {
  protected:
    JwtVerifier verifier(const std::string& keys) const {
        return JwtVerifier({.key_file = directory_.file("keys", keys)});
    }

    std::string fault(const std::string& keys) const {
        const std::string file = directory_.file("keys", keys);
        std::string text = tests::thrown_text([&] { JwtVerifier({.key_file = file}); });
        return text.replace(text.find(file), file.size(), "FILE");
    }

    tests::TemporaryDirectory directory_;
};

TEST_F(Jwt, AreVerifiedAsTheStandardsExamplesHaveThem) {
    // RFC 7515, appendix A.3.
    const std::string key =
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
    const CompactToken token{
        "eyJhbGciOiJFUzI1NiJ9",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"};
    const JwtKeys keys(directory_.file("keys", key));
    EXPECT_TRUE(keys.verify(token, "ES256", {}));
    EXPECT_FALSE(keys.verify(token, "ES384", {}));
    EXPECT_FALSE(keys.verify({token.header, token.signature, token.payload}, "ES256", {}));
}

TEST_F(Jwt, AreGoodByAnyAlgorithmOfTheKeysKind) {
    const Signer rsa = Signer::rsa(2048);
    for (const char* algorithm : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}) {
        const std::string token = rsa.token(algorithm, claims());
        EXPECT_TRUE(verifier(rsa.public_pem()).find(token, kNow)) << algorithm;
        EXPECT_TRUE(verifier(rsa.rsa_jwk()).find(token, kNow)) << algorithm;
        EXPECT_TRUE(verifier("{\"keys\":[" + rsa.rsa_jwk() + "]}").find(token, kNow)) << algorithm;
    }
    const std::tuple<const char*, std::size_t, const char*> kinds[] = {
        {"P-256", 32, "ES256"}, {"P-384", 48, "ES384"}, {"P-521", 66, "ES512"}};
    for (const auto& [curve, bytes, algorithm] : kinds) {
        const Signer ec = Signer::ec(curve, bytes);
        const std::string token = ec.token(algorithm, claims());
        EXPECT_TRUE(verifier(ec.public_pem()).find(token, kNow)) << algorithm;
        EXPECT_TRUE(verifier(ec.ec_jwk(curve)).find(token, kNow)) << algorithm;
        EXPECT_FALSE(verifier(rsa.public_pem()).find(token, kNow)) << algorithm;
        EXPECT_FALSE(verifier(ec.public_pem()).find(rsa.token("RS256", claims()), kNow));
    }
}

TEST_F(Jwt, AreRefusedByAnotherAlgorithm) {
    const Signer rsa = Signer::rsa(2048);
    const JwtVerifier keys = verifier(rsa.public_pem());
    const auto with_header = [&](const std::string& header) {
        const std::string good = rsa.token("RS256", claims());
        return base64url(header) + good.substr(good.find('.'));
    };
    EXPECT_FALSE(keys.find(base64url(R"({"alg":"none"})") + "." + base64url(claims()) + ".", kNow));
    for (const char* header :
         {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"rs256"})", R"({})", R"({"alg":256})",
          R"({"alg":null})", R"([])", R"({"alg":"RS256","alg":"RS256"})"}) {
        EXPECT_FALSE(keys.find(with_header(header), kNow)) << header;
    }
    // What a public key is must not do as the secret of a symmetric algorithm.
    const std::string text = base64url(R"({"alg":"HS256"})") + "." + base64url(claims());
    const std::string pem = rsa.public_pem();
    std::string mac(32, '\0');
    std::size_t size = 0;
    ASSERT_NE(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, pem.data(), pem.size(),
                        reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                        reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size),
              nullptr);
    EXPECT_FALSE(keys.find(text + "." + base64url(mac), kNow));
    const JwtVerifier pinned = verifier(rsa.rsa_jwk(R"(,"alg":"PS384")"));
    EXPECT_TRUE(pinned.find(rsa.token("PS384", claims()), kNow));
    EXPECT_FALSE(pinned.find(rsa.token("PS256", claims()), kNow));
    EXPECT_FALSE(pinned.find(rsa.token("RS256", claims()), kNow));
}

TEST_F(Jwt, AreRefusedOnceABitIsOther) {
    const Signer ec = Signer::ec("P-256", 32);
    const JwtVerifier keys = verifier(ec.public_pem());
    const std::string token = ec.token("ES256", claims());
    ASSERT_TRUE(keys.find(token, kNow));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string other = token;
        other[i] = other[i] == 'A' ? 'g' : 'A';  // differ in the highest bit, which always counts
        EXPECT_FALSE(keys.find(other, kNow)) << i;
    }
    for (const std::string& text :
         {std::string(), std::string("."), std::string(".."), token + ".", "." + token, token + "=",
          token.substr(0, token.rfind('.')), token.substr(token.find('.') + 1), std::string(10'000, 'a'),
          token + std::string(JwtVerifier::kLongest, 'A')}) {
        EXPECT_FALSE(keys.find(text, kNow)) << text;
    }
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(Jwt, ClaimsAreJudged) {
    const Signer ec = Signer::ec("P-256", 32);
    const std::string file = directory_.file("keys", ec.public_pem());
    const JwtVerifier plain({.key_file = file, .leeway = seconds(30)});
    const JwtVerifier strict({.key_file = file, .issuer = "https://id.example", .audience = "crowfly"});
    const auto good = [&](const JwtVerifier& verifier, const std::string& text) {
        return verifier.find(ec.token("ES256", text), kNow).has_value();
    };
    const auto at = [](const char* format, std::int64_t offset) {
        return fmt::format(fmt::runtime(format), kNowSeconds + offset);
    };
    EXPECT_TRUE(good(plain, at(R"({{"exp":{},"role":"reader"}})", -29)));
    EXPECT_FALSE(good(plain, at(R"({{"exp":{},"role":"reader"}})", -30)));
    EXPECT_TRUE(good(plain, at(R"({{"exp":{}.5,"role":"reader"}})", 0)));
    EXPECT_FALSE(good(plain, R"({"role":"reader"})"));
    EXPECT_FALSE(good(plain, at(R"({{"exp":"{}","role":"reader"}})", 60)));
    EXPECT_TRUE(good(plain, claims(at(R"(,"role":"reader","nbf":{})", 30))));
    EXPECT_FALSE(good(plain, claims(at(R"(,"role":"reader","nbf":{})", 31))));
    EXPECT_FALSE(good(plain, claims(R"(,"role":"reader","nbf":"0")")));
    EXPECT_FALSE(good(plain, claims(R"(,"role":"reader","role":"reader")")));
    EXPECT_FALSE(good(plain, "[1]"));
    EXPECT_FALSE(good(plain, "no JSON"));
    EXPECT_TRUE(good(strict, claims(R"(,"role":"reader","iss":"https://id.example","aud":"crowfly")")));
    EXPECT_TRUE(good(strict, claims(R"(,"role":"reader","iss":"https://id.example","aud":["x","crowfly"])")));
    for (const char* more :
         {R"(,"role":"reader","iss":"https://id.example")", R"(,"role":"reader","aud":"crowfly")",
          R"(,"role":"reader","iss":"https://id.example/","aud":"crowfly")",
          R"(,"role":"reader","iss":"https://id.example","aud":"crowfl")",
          R"(,"role":"reader","iss":"https://id.example","aud":["x"])",
          R"(,"role":"reader","iss":["https://id.example"],"aud":"crowfly")"}) {
        EXPECT_FALSE(good(strict, claims(more))) << more;
    }
}

TEST_F(Jwt, SayWhoItIs) {
    const Signer ec = Signer::ec("P-256", 32);
    const std::string file = directory_.file("keys", ec.public_pem());
    const JwtVerifier verifier({.key_file = file});
    const auto principal = [&](const std::string& more) {
        return verifier.find(ec.token("ES256", claims(more)), kNow);
    };
    EXPECT_EQ(principal(R"(,"role":"writer","sub":"anna")")->id, "jwt:anna");
    EXPECT_EQ(principal(R"(,"role":"writer")")->id, "jwt");
    EXPECT_EQ(principal(R"(,"role":"writer")")->role, Role::writer);
    EXPECT_EQ(principal(R"(,"role":["reader","admin","other"])")->role, Role::admin);
    EXPECT_EQ(principal(R"(,"role":"openid writer")")->role, Role::writer);
    EXPECT_EQ(principal(R"(,"role":"reader","collections":["a","b"])")->collections,
              (std::vector<std::string>{"a", "b"}));
    for (const char* more : {"", R"(,"role":"root")", R"(,"role":7)", R"(,"role":["writer",7])",
                             R"(,"role":[])", R"(,"role":"reader","collections":[])",
                             R"(,"role":"reader","collections":"a")", R"(,"role":"reader","sub":7)"}) {
        EXPECT_FALSE(principal(more)) << more;
    }
    EXPECT_FALSE(principal(R"(,"role":"reader","sub":")" + std::string(257, 'x') + "\""));
    const JwtVerifier by_scope({.key_file = file, .role_claim = "scope"});
    const JwtVerifier nested({.key_file = file, .role_claim = "/realm_access/roles"});
    const std::string roles = R"(,"realm_access":{"roles":["writer","offline_access"]})";
    EXPECT_EQ(nested.find(ec.token("ES256", claims(roles)), kNow)->role, Role::writer);
    for (const char* more : {R"(,"role":"reader")", R"(,"realm_access":["writer"])", R"(,"realm_access":{})",
                             R"(,"realm_access":"writer","roles":"writer")"}) {
        EXPECT_FALSE(nested.find(ec.token("ES256", claims(more)), kNow)) << more;
    }
    EXPECT_EQ(by_scope.find(ec.token("ES256", claims(R"(,"scope":"reader email")")), kNow)->role,
              Role::reader);
}

TEST_F(Jwt, AreGoodNoLongerThanTheySayThoughTheyAreKnown) {
    const Signer ec = Signer::ec("P-256", 32);
    const JwtVerifier keys = verifier(ec.public_pem());
    const std::string token = ec.token("ES256", claims(R"(,"role":"reader","nbf":1795290363)"));
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(keys.find(token, kNow));
        EXPECT_TRUE(keys.find(token, kNow + seconds(89)));
        EXPECT_FALSE(keys.find(token, kNow + seconds(90)));
        EXPECT_TRUE(keys.find(token, kNow - seconds(30)));
        EXPECT_FALSE(keys.find(token, kNow - seconds(31)));
    }
}

TEST_F(Jwt, HeadersAreJudged) {
    const Signer ec = Signer::ec("P-256", 32);
    const JwtVerifier keys = verifier(ec.public_pem());
    for (const char* more : {R"(,"typ":"JWT")", R"(,"typ":"jwt")", R"(,"typ":"application/at+jwt")",
                             R"(,"kid":"any")", R"(,"jku":"https://example.org/keys")"}) {
        EXPECT_TRUE(keys.find(ec.token("ES256", claims(), more), kNow)) << more;
    }
    for (const char* more : {R"(,"typ":"secevent+jwt")", R"(,"typ":1)", R"(,"crit":["b64"],"b64":false)",
                             R"(,"crit":[])", R"(,"kid":1)"}) {
        EXPECT_FALSE(keys.find(ec.token("ES256", claims(), more), kNow)) << more;
    }
}

TEST_F(Jwt, AreVerifiedWithTheKeyThatTheyName) {
    const Signer old = Signer::ec("P-256", 32);
    const Signer fresh = Signer::ec("P-256", 32);
    const Signer rsa = Signer::rsa(2048);
    const std::string set = "{\"keys\":[" + old.ec_jwk("P-256", R"(,"kid":"old")") + "," +
                            fresh.ec_jwk("P-256", R"(,"kid":"fresh","use":"sig")") + "," +
                            rsa.rsa_jwk(R"(,"use":"enc")") + R"(,{"kty":"OKP","crv":"Ed25519","x":"AA"}]})";
    const JwtVerifier keys = verifier(set);
    EXPECT_TRUE(keys.find(old.token("ES256", claims(), R"(,"kid":"old")"), kNow));
    EXPECT_TRUE(keys.find(fresh.token("ES256", claims(), R"(,"kid":"fresh")"), kNow));
    EXPECT_TRUE(keys.find(fresh.token("ES256", claims()), kNow));
    EXPECT_FALSE(keys.find(fresh.token("ES256", claims(), R"(,"kid":"old")"), kNow));
    EXPECT_FALSE(keys.find(fresh.token("ES256", claims(), R"(,"kid":"other")"), kNow));
    EXPECT_FALSE(keys.find(rsa.token("RS256", claims()), kNow));
}

TEST_F(Jwt, KeyFilesSayWhatIsWrongWithThem) {
    EXPECT_EQ(tests::thrown_code([&] { JwtVerifier({.key_file = directory_.path("none")}); }),
              Code::not_found);
    EXPECT_EQ(fault(""),
              "malformed FILE: is neither a public key nor a certificate in PEM, nor a JWK or JWKS");
    EXPECT_EQ(fault("{"), "malformed FILE: is not JSON, though it begins like that");
    EXPECT_EQ(fault(R"({"keys":{}})"), "malformed FILE: \"keys\" is not an array");
    EXPECT_EQ(fault(R"({"keys":[7]})"), "malformed FILE: key 1 is not an object");
    EXPECT_EQ(fault(R"({"keys":[]})"),
              "invalid_argument FILE: has no key for signatures of a known kind; expected RSA, P-256, P-384 "
              "or P-521");
    EXPECT_EQ(fault(R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})"),
              "invalid_argument FILE: key 1 is a secret one; tokens are verified with public keys alone");
    EXPECT_EQ(fault(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"),
              "malformed FILE cannot be read as a public key");
    EXPECT_EQ(fault(Signer::rsa(1024).public_pem()),
              "invalid_argument FILE has 1024 bits; RSA takes at least 2048");
}

TEST_F(Jwt, KeysAreReadAgainOnceTheirFileHasChanged) {
    const Signer old = Signer::ec("P-256", 32);
    const Signer fresh = Signer::ec("P-256", 32);
    JwtVerifier keys = verifier(old.ec_jwk("P-256"));
    EXPECT_FALSE(keys.reload_if_changed());
    const std::string of_old = old.token("ES256", claims());
    EXPECT_TRUE(keys.find(of_old, kNow));
    directory_.file("keys", fresh.ec_jwk("P-256", R"(,"kid":"fresh")"));
    EXPECT_TRUE(keys.reload_if_changed());
    EXPECT_FALSE(keys.find(of_old, kNow));
    EXPECT_TRUE(keys.find(fresh.token("ES256", claims()), kNow));
    directory_.file("keys", "nonsense");
    EXPECT_EQ(tests::thrown_code([&] { keys.reload_if_changed(); }), Code::malformed);
    EXPECT_TRUE(keys.find(fresh.token("ES256", claims()), kNow));
}

TEST_F(Jwt, AreVerifiedByManyThreadsWhileKeysAreReadAgain) {
    const Signer ec = Signer::ec("P-256", 32);
    JwtVerifier keys = verifier(ec.ec_jwk("P-256"));
    std::vector<std::string> tokens;
    for (int i = 0; i < 20; ++i)
        tokens.push_back(ec.token("ES256", claims(fmt::format(R"(,"role":"reader","sub":"{}")", i))));
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (std::size_t i = 0; i < 3 * tokens.size(); ++i) {
                const std::size_t number = i % tokens.size();
                const auto principal = keys.find(tokens[number], kNow);
                if (!principal || principal->id != fmt::format("jwt:{}", number)) ++wrong;
            }
        });
    }
    for (int i = 0; i < 5; ++i) {
        directory_.file("keys", ec.ec_jwk("P-256", fmt::format(R"(,"use":"sig","x5t":"{}")", i)));
        keys.reload_if_changed();
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace crowfly
