#include "service/auth/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using testing::HasSubstr;

const system_clock::time_point kNow(seconds(1'795'290'363));

class Authentication : public testing::Test {
  protected:
    /// The challenge to who sends that, or nothing.
    static std::string challenge(const Authenticator& authenticator, const std::string& authorization) {
        try {
            authenticator.authenticate(authorization, kNow);
        } catch (const Unauthenticated& error) {
            return std::string(error.challenge());
        }
        return {};
    }

    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("keys.json");
    ApiKey key_ = add_key(path_, {.role = Role::writer}, kNow);
};

TEST_F(Authentication, AsksNobodyWithoutKeys) {
    const Authenticator authenticator({});
    EXPECT_FALSE(authenticator.asks());
    EXPECT_EQ(authenticator.authenticate("", kNow).role, Role::admin);
    EXPECT_EQ(authenticator.authenticate("Basic eDp5", kNow).role, Role::admin);
}

TEST_F(Authentication, KnowsWhoHasAKey) {
    const Authenticator authenticator({.key_file = path_});
    EXPECT_TRUE(authenticator.asks());
    for (const char* scheme : {"Bearer ", "bearer ", "BEARER  "}) {
        const Principal principal = authenticator.authenticate(scheme + key_.text, kNow);
        EXPECT_EQ(principal.id, key_.id);
        EXPECT_EQ(principal.role, Role::writer);
    }
}

TEST_F(Authentication, SaysTheSameWhateverIsWrong) {
    const ApiKey expired = add_key(path_, {.expires = kNow}, kNow - seconds(1));
    const Authenticator authenticator({.key_file = path_});
    EXPECT_EQ(challenge(authenticator, ""), "Bearer realm=\"crowfly\"");
    const std::string reference = tests::thrown_text([&] { authenticator.authenticate("Bearer x", kNow); });
    for (const std::string& authorization :
         {"Bearer " + expired.text, "Bearer " + make_api_key().text, "Bearer" + key_.text,
          "Basic " + key_.text, key_.text, std::string("Bearer"), std::string("Bearer "),
          "Bearer " + key_.text + " ", "Bearer " + key_.text + ",x"}) {
        EXPECT_EQ(tests::thrown_text([&] { authenticator.authenticate(authorization, kNow); }), reference);
        EXPECT_EQ(challenge(authenticator, authorization),
                  "Bearer realm=\"crowfly\", error=\"invalid_token\"");
    }
    EXPECT_THAT(reference, testing::StartsWith("permission_denied a key or token is needed that is good"));
}

TEST_F(Authentication, MayLetInWhoSendsNoKey) {
    const Authenticator authenticator({.key_file = path_, .anonymous = Role::reader});
    EXPECT_EQ(authenticator.authenticate("", kNow).role, Role::reader);
    EXPECT_EQ(authenticator.authenticate("", kNow).id, "");
    EXPECT_EQ(authenticator.authenticate("Bearer " + key_.text, kNow).role, Role::writer);
    EXPECT_NE(challenge(authenticator, "Bearer " + make_api_key().text), "");
}

TEST_F(Authentication, TakesInWhatHasChanged) {
    Authenticator authenticator({.key_file = path_});
    EXPECT_TRUE(authenticator.reload_if_changed().empty());
    revoke_key(path_, key_.id);
    EXPECT_EQ(authenticator.reload_if_changed(),
              std::vector<std::string>{path_ + ": has changed and was read again"});
    EXPECT_NE(challenge(authenticator, "Bearer " + key_.text), "");
    directory_.file("keys.json", "nonsense");
    const auto lines = authenticator.reload_if_changed();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0],
                HasSubstr("is not a file of keys, as `crowfly key add` makes it; what it had before still"));
}

TEST(Roles, AreOrderedAndMayBeRestricted) {
    for (const Role role : {Role::reader, Role::writer, Role::admin}) EXPECT_EQ(role_named(name(role)), role);
    EXPECT_EQ(role_named("Admin"), std::nullopt);
    EXPECT_EQ(role_named(""), std::nullopt);
    const Principal writer{.role = Role::writer};
    EXPECT_TRUE(writer.may(Role::reader, "any"));
    EXPECT_TRUE(writer.may(Role::writer));
    EXPECT_FALSE(writer.may(Role::admin, "any"));
    const Principal one{.role = Role::admin, .collections = {"taxis"}};
    EXPECT_TRUE(one.may(Role::admin, "taxis"));
    EXPECT_FALSE(one.may(Role::reader, "stops"));
    EXPECT_FALSE(one.may(Role::reader, ""));
    EXPECT_EQ(tests::thrown_text([&] { require(writer, Role::admin); }),
              "permission_denied this needs the role admin; the key has the role writer");
    EXPECT_EQ(tests::thrown_text([&] { require(one, Role::reader, "stops"); }),
              "permission_denied the key is not for the collection stops");
    EXPECT_NO_THROW(require(one, Role::writer, "taxis"));
}

}  // namespace
}  // namespace crowfly
