#include "service/auth/key_file.h"

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth/key_store.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;
using testing::HasSubstr;
using testing::Not;

const system_clock::time_point kNow(seconds(1'795'290'363));

class KeyFile : public testing::Test {
  protected:
    tests::TemporaryDirectory directory_;
    std::string path_ = directory_.path("keys.json");
};

TEST(ApiKeys, HaveAShapeThatIsKnownAgain) {
    const ApiKey key = make_api_key();
    EXPECT_THAT(key.text, testing::MatchesRegex("crowfly_[0-9a-f]{12}_[0-9a-f]{64}"));
    EXPECT_EQ(id_of_api_key(key.text), key.id);
    EXPECT_NE(make_api_key().text, key.text);
    EXPECT_NE(make_api_key().id, key.id);
    for (const std::string& text :
         {std::string(), key.id, key.text + "0", key.text.substr(1), "Crowfly" + key.text.substr(7),
          key.text.substr(0, key.text.size() - 1) + "G", key.text.substr(0, 20) + "-" + key.text.substr(21),
          key.text.substr(0, key.text.size() - 1) + "A"}) {
        EXPECT_EQ(id_of_api_key(text), std::nullopt) << text;
    }
}

TEST(ApiKeys, AreHashedBySha256) {
    // FIPS 180-2, appendix B.1.
    const std::string of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(hex(hash_of("abc")), of_abc);
    EXPECT_EQ(parse_hash(of_abc), hash_of("abc"));
    EXPECT_TRUE(equal(hash_of("abc"), hash_of("abc")));
    for (std::size_t i = 0; i < 32; ++i) {
        KeyHash other = hash_of("abc");
        other[i] ^= 1U;
        EXPECT_FALSE(equal(hash_of("abc"), other));
    }
    EXPECT_EQ(parse_hash(of_abc.substr(1)), std::nullopt);
    EXPECT_EQ(parse_hash(of_abc.substr(1) + "x"), std::nullopt);
}

TEST_F(KeyFile, KeepsWhatIsKnownOfAKeyButNotTheKey) {
    const ApiKey first = add_key(path_, {.name = "map \"1\""}, kNow);
    const ApiKey second = add_key(path_,
                                  {.name = "feed",
                                   .role = Role::writer,
                                   .collections = {"taxis", "stops"},
                                   .expires = kNow + hours(24)},
                                  kNow + std::chrono::milliseconds(1500));
    const auto records = read_key_file(path_);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].id, first.id);
    EXPECT_EQ(records[0].name, "map \"1\"");
    EXPECT_EQ(records[0].role, Role::reader);
    EXPECT_EQ(records[0].expires, std::nullopt);
    EXPECT_EQ(records[1].hash, hash_of(second.text));
    EXPECT_EQ(records[1].role, Role::writer);
    EXPECT_EQ(records[1].collections, (std::vector<std::string>{"taxis", "stops"}));
    EXPECT_EQ(records[1].created, kNow + seconds(1));
    EXPECT_EQ(records[1].expires, kNow + hours(24));
    const std::string content = tests::read_file(path_);
    EXPECT_THAT(content, Not(HasSubstr(first.text.substr(first.text.size() - 64))));
    EXPECT_EQ(std::filesystem::status(path_).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path("")), {}), 1);
}

TEST_F(KeyFile, LosesAKeyThatIsRevoked) {
    const ApiKey first = add_key(path_, {}, kNow);
    const ApiKey second = add_key(path_, {}, kNow);
    revoke_key(path_, first.id);
    ASSERT_EQ(read_key_file(path_).size(), 1U);
    EXPECT_EQ(read_key_file(path_)[0].id, second.id);
    EXPECT_EQ(tests::thrown_text([&] { revoke_key(path_, first.id); }),
              "not_found " + path_ + ": has no key with the id \"" + first.id + "\"");
    EXPECT_EQ(tests::thrown_code([&] { revoke_key(directory_.path("none"), first.id); }), Code::not_found);
    EXPECT_FALSE(std::filesystem::exists(directory_.path("none")));
}

TEST_F(KeyFile, IsChangedBySeveralAtATime) {
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 10;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (std::size_t n = 0; n < kEach; ++n) add_key(path_, {}, kNow);
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> ids;
    for (const KeyRecord& record : read_key_file(path_)) ids.insert(record.id);
    EXPECT_EQ(ids.size(), kThreads * kEach);
}

TEST_F(KeyFile, IsReplacedWhereLinksLead) {
    const std::string link = directory_.path("link");
    std::filesystem::create_symlink("keys.json", link);
    add_key(path_, {}, kNow);
    add_key(link, {}, kNow);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(read_key_file(path_).size(), 2U);
}

TEST_F(KeyFile, RefusesAKeyThatIsNeverGood) {
    EXPECT_EQ(tests::thrown_text([&] { add_key(path_, {.expires = kNow}, kNow); }),
              "invalid_argument a key that expires at 2026-11-21T19:46:03Z would never be good");
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(KeyFile, SaysWhatIsWrongWithIt) {
    EXPECT_EQ(tests::thrown_code([&] { read_key_file(path_); }), Code::not_found);
    add_key(path_, {}, kNow);
    const std::string good = tests::read_file(path_);
    const auto text_of = [&](std::string from, const std::string& to) {
        std::string content = good;
        content.replace(content.find(from), from.size(), to);
        const std::string file = directory_.file("damaged.json", content);
        std::string text = tests::thrown_text([&] { read_key_file(file); });
        return text.replace(text.find(file), file.size(), "FILE");
    };
    EXPECT_EQ(text_of("crowfly_keys", "keys_"),
              "malformed FILE: is not a file of keys, as `crowfly key add` makes it");
    EXPECT_EQ(text_of("\"crowfly_keys\": 1", "\"crowfly_keys\": 2"),
              "unsupported FILE: has version 2 of the format; this program knows 1");
    EXPECT_EQ(text_of("\"role\":\"reader\"", "\"role\":\"root\""),
              "malformed FILE: key 1 has a \"role\" other than reader, writer and admin");
    EXPECT_EQ(text_of("\"name\"", "\"nome\""), "malformed FILE: key 1 has no text \"name\"");
    EXPECT_EQ(text_of("\"sha256\":\"", "\"sha256\":\"x"),
              "malformed FILE: key 1 has no \"sha256\" of 64 hexadecimal digits");
    EXPECT_EQ(text_of("\"expires\":null", "\"expires\":\"soon\""),
              "malformed FILE: key 1 has a time that is not as in 2026-11-21T19:46:03Z");
    EXPECT_EQ(text_of("\"name\"", "\"more\":1,\"name\""),
              "malformed FILE: key 1 has not the seven members of a key");
    EXPECT_EQ(text_of("]}", "]"), "malformed FILE: is not a file of keys, as `crowfly key add` makes it");
    const std::string record = good.substr(good.find("{\"id\""), good.find("\n]}") - good.find("{\"id\""));
    EXPECT_EQ(text_of("\n]}", ",\n" + record + "\n]}"), "malformed FILE: key 2 has the id of another one");
    EXPECT_EQ(tests::thrown_code([&] { read_key_file(directory_.path("")); }), Code::io);
}

TEST_F(KeyFile, MustNotBeForEverybodyToWrite) {
    add_key(path_, {}, kNow);
    std::filesystem::permissions(path_, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(tests::thrown_code([&] { read_key_file(path_); }), Code::permission_denied);
}

TEST_F(KeyFile, IsLookedUp) {
    const ApiKey key =
        add_key(path_, {.role = Role::admin, .collections = {"a"}, .expires = kNow + hours(1)}, kNow);
    const KeyStore store(path_);
    const auto principal = store.find(key.text, kNow);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->id, key.id);
    EXPECT_EQ(principal->role, Role::admin);
    EXPECT_EQ(principal->collections, std::vector<std::string>{"a"});
    EXPECT_TRUE(store.find(key.text, kNow + hours(1) - seconds(1)));
    EXPECT_FALSE(store.find(key.text, kNow + hours(1)));
    EXPECT_FALSE(store.find(make_api_key().text, kNow));
    EXPECT_FALSE(store.find("", kNow));
    for (std::size_t i = 0; i < key.text.size(); ++i) {
        std::string other = key.text;
        other[i] = other[i] == '0' ? '1' : '0';
        EXPECT_FALSE(store.find(other, kNow)) << i;
    }
}

TEST_F(KeyFile, IsReadAgainOnceItHasChanged) {
    const ApiKey first = add_key(path_, {}, kNow);
    KeyStore store(path_);
    EXPECT_FALSE(store.reload_if_changed());
    const ApiKey second = add_key(path_, {}, kNow);
    EXPECT_FALSE(store.find(second.text, kNow));
    EXPECT_TRUE(store.reload_if_changed());
    EXPECT_TRUE(store.find(second.text, kNow));
    revoke_key(path_, first.id);
    EXPECT_TRUE(store.reload_if_changed());
    EXPECT_FALSE(store.find(first.text, kNow));
    directory_.file("keys.json", "{}");
    EXPECT_EQ(tests::thrown_code([&] { store.reload_if_changed(); }), Code::malformed);
    EXPECT_FALSE(store.reload_if_changed());
    EXPECT_TRUE(store.find(second.text, kNow));
}

TEST_F(KeyFile, IsReadAgainWhileOthersLook) {
    const ApiKey key = add_key(path_, {}, kNow);
    KeyStore store(path_);
    std::atomic<bool> is_over = false;
    std::atomic<int> missed = 0;
    std::vector<std::thread> readers;
    for (int t = 0; t < 2; ++t) {
        readers.emplace_back([&] {
            while (!is_over) {
                if (!store.find(key.text, kNow)) ++missed;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        add_key(path_, {}, kNow);
        EXPECT_TRUE(store.reload_if_changed());
    }
    is_over = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace crowfly
