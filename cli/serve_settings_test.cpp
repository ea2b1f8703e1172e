#include "cli/serve_settings.h"

#include <memory>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/setting.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class ServeSettingsTest : public testing::Test {
  protected:
    using Environment = ServeSettings::Environment;

    ServeSettings::Resolved resolve(const std::string& flags, const Environment& environment = {},
                                    const std::string& config = {}) {
        CLI::App app;
        ServeSettings settings;
        settings.add_to(app);
        const std::string file = config.empty() ? "" : " --config " + directory_.file("c.toml", config);
        app.parse(flags + file);
        return settings.resolve(environment);
    }

    std::string fault(const std::string& flags, const Environment& environment = {},
                      const std::string& config = {}) {
        std::string text = tests::thrown_text([&] { resolve(flags, environment, config); });
        const std::string file = directory_.path("c.toml");
        if (const auto at = text.find(file); at != std::string::npos) text.replace(at, file.size(), "FILE");
        return text;
    }

    tests::TemporaryDirectory directory_;
};

TEST_F(ServeSettingsTest, AreTheDefaultsUnlessSet) {
    const ServiceOptions options = resolve("").options;
    EXPECT_EQ(options.listen, "127.0.0.1:8080");
    EXPECT_EQ(options.search_timeout, seconds(2));
    EXPECT_EQ(options.max_k, 10'000U);
    EXPECT_FALSE(options.auth.anonymous);
    EXPECT_TRUE(options.cors_origins.empty());
}

TEST_F(ServeSettingsTest, AreReadOfTheCommandLine) {
    const ServiceOptions options =
        resolve(
            "demo.gpkg --listen [::]:80 --insecure --threads 3 --keys k.json --anonymous reader --jwt-keys "
            "j.pem "
            "--jwt-issuer i --jwt-audience a --jwt-role-claim scope --jwt-collections-claim c --jwt-leeway "
            "1m "
            "--tls-cert c.pem --tls-key k.pem --cors-origin https://a --cors-origin https://b --rate-per-key "
            "2.5 "
            "--burst-per-key 7 --rate-per-address 1e3 --burst-per-address 9 --search-timeout 250ms "
            "--request-timeout 3s --idle-timeout 2m --write-timeout 1h --drain-timeout 4s --max-connections "
            "5 "
            "--max-body 2M --max-header 8K --max-upload 1G --max-k 17 --max-join-rows 18 --jobs 4 "
            "--job-queue 0 "
            "--log-requests=false --request-log r.log --log-only-slow --slow-request 50ms")
            .options;
    EXPECT_EQ(options.store, "demo.gpkg");
    EXPECT_EQ(options.listen, "[::]:80");
    EXPECT_TRUE(options.insecure);
    EXPECT_EQ(options.threads, 3U);
    EXPECT_EQ(options.auth.key_file, "k.json");
    EXPECT_EQ(options.auth.anonymous, Role::reader);
    EXPECT_EQ(options.jwt.key_file, "j.pem");
    EXPECT_EQ(options.jwt.issuer, "i");
    EXPECT_EQ(options.jwt.audience, "a");
    EXPECT_EQ(options.jwt.role_claim, "scope");
    EXPECT_EQ(options.jwt.collections_claim, "c");
    EXPECT_EQ(options.jwt.leeway, seconds(60));
    EXPECT_EQ(options.tls_certificate, "c.pem");
    EXPECT_EQ(options.tls_key, "k.pem");
    EXPECT_THAT(options.cors_origins, ElementsAre("https://a", "https://b"));
    EXPECT_EQ(options.rate_of_key.per_second, 2.5);
    EXPECT_EQ(options.rate_of_key.burst, 7);
    EXPECT_EQ(options.rate_of_address.per_second, 1000);
    EXPECT_EQ(options.rate_of_address.burst, 9);
    EXPECT_EQ(options.search_timeout, milliseconds(250));
    EXPECT_EQ(options.request_timeout, seconds(3));
    EXPECT_EQ(options.idle_timeout, seconds(120));
    EXPECT_EQ(options.write_timeout, seconds(3600));
    EXPECT_EQ(options.drain_timeout, seconds(4));
    EXPECT_EQ(options.max_connections, 5U);
    EXPECT_EQ(options.max_body_bytes, 2U << 20U);
    EXPECT_EQ(options.max_header_bytes, 8U << 10U);
    EXPECT_EQ(options.max_upload_bytes, 1U << 30U);
    EXPECT_EQ(options.max_k, 17U);
    EXPECT_EQ(options.max_join_rows, 18U);
    EXPECT_EQ(options.jobs, 4U);
    EXPECT_EQ(options.job_queue, 0U);
    EXPECT_FALSE(options.log_requests);
    EXPECT_EQ(options.request_log.path, "r.log");
    EXPECT_TRUE(options.request_log.only_slow);
    EXPECT_EQ(options.request_log.slow, milliseconds(50));
}

TEST_F(ServeSettingsTest, OfFlagsGoBeforeTheEnvironmentAndThatBeforeTheFile) {
    const std::string config = "max-k = 1\njobs = 1\nthreads = 1\n";
    const Environment environment{{"CROWFLY_MAX_K", "2"}, {"CROWFLY_JOBS", "2"}};
    const auto resolved = resolve("--max-k 3", environment, config);
    EXPECT_EQ(resolved.options.max_k, 3U);
    EXPECT_EQ(resolved.options.jobs, 2U);
    EXPECT_EQ(resolved.options.threads, 1U);
    EXPECT_EQ(resolved.origins.at("max-k"), "the command line");
    EXPECT_EQ(resolved.origins.at("jobs"), "CROWFLY_JOBS");
    EXPECT_EQ(resolved.origins.at("threads"), directory_.path("c.toml") + ", line 3");
    EXPECT_FALSE(resolved.origins.contains("listen"));
    // A list is given by one of them, and not put together.
    EXPECT_THAT(resolve("", {{"CROWFLY_CORS_ORIGIN", "https://a,https://b"}}, "cors-origin = [\"https://c\"]")
                    .options.cors_origins,
                ElementsAre("https://a", "https://b"));
    EXPECT_FALSE(resolve("--insecure=false", {{"CROWFLY_INSECURE", "true"}}).options.insecure);
}

TEST_F(ServeSettingsTest, AreReadOfAFileThatTheEnvironmentNames) {
    const std::string file =
        directory_.file("e.toml", "listen = '127.0.0.1:99' # a # comment\nkeys = \"a#b\"");
    const auto resolved = resolve("", {{"CROWFLY_CONFIG", file}});
    EXPECT_EQ(resolved.options.listen, "127.0.0.1:99");
    EXPECT_EQ(resolved.options.auth.key_file, "a#b");
    EXPECT_TRUE(resolved.unknown_variables.empty());
    EXPECT_EQ(resolve("", {{"CROWFLY_CONFIG", file}}, "jobs = 3").options.listen, "127.0.0.1:8080");
}

TEST_F(ServeSettingsTest, AreTheSameWhenPrintedAndReadAgain) {
    const auto first = resolve(
        "--cors-origin https://a --cors-origin b\"c --max-upload 3G --slow-request 1500ms --anonymous writer "
        "--rate-per-key 0.1 --insecure --max-body 1000 s.gpkg");
    const std::string printed = first.toml();
    const auto second = resolve("", {}, printed);
    ServeSettings::Resolved bare = second;
    bare.origins = first.origins;
    EXPECT_EQ(bare.toml(), printed);
    EXPECT_EQ(second.origins.size(), all_settings().size());
    EXPECT_THAT(printed, HasSubstr("max-upload = \"3G\"  # by the command line\n"));
    EXPECT_THAT(printed, HasSubstr("listen = \"127.0.0.1:8080\"\n"));
    EXPECT_THAT(printed, HasSubstr("slow-request = \"1500ms\"  # by the command line\n"));
}

TEST_F(ServeSettingsTest, SayWhatIsWrongAndWhere) {
    EXPECT_EQ(fault("--max-k 0"),
              "invalid_argument --max-k \"0\": expected a whole number from 1 to 1000000");
    EXPECT_EQ(fault("", {{"CROWFLY_SEARCH_TIMEOUT", "2"}}),
              "invalid_argument CROWFLY_SEARCH_TIMEOUT \"2\": expected a time from 1 ms to 24 h, as in "
              "500ms, 2s, 5m or 1h");
    EXPECT_EQ(fault("", {}, "\nrate-per-key = -1"),
              "invalid_argument FILE, line 2: rate-per-key \"-1\": expected a number from 0 to 1000000");
    EXPECT_EQ(fault("", {}, "\n\nmaxk = 1"),
              "invalid_argument FILE, line 3: \"maxk\" is no setting; `crowfly serve --help` lists them");
    EXPECT_EQ(fault("", {}, "[limits]\nmax-k = 1"),
              "invalid_argument FILE, line 1: \"limits\" is no setting; `crowfly serve --help` lists them");
    EXPECT_EQ(fault("", {}, "jobs = [1]"),
              "invalid_argument FILE, line 1: jobs: expected a text, a number or a boolean");
    EXPECT_EQ(fault("", {}, "cors-origin = [[]]"),
              "invalid_argument FILE, line 1: cors-origin: expected texts");
    EXPECT_THAT(fault("", {}, "jobs = 1\njobs = 2"),
                testing::StartsWith("malformed FILE, line 2: is no TOML: "));
    EXPECT_EQ(fault("--insecure=maybe"), "invalid_argument --insecure \"maybe\": expected true or false");
}

TEST_F(ServeSettingsTest, AreJudgedAlsoWherePassedOver) {
    EXPECT_EQ(fault("--jobs 1", {{"CROWFLY_JOBS", "many"}}),
              "invalid_argument CROWFLY_JOBS \"many\": expected a whole number from 1 to 1024");
}

TEST_F(ServeSettingsTest, OfTheEnvironmentThatAreUnknownAreTold) {
    // As Kubernetes sets them of a service that is called so.
    const auto resolved = resolve("", {{"CROWFLY_PORT", "tcp://10.0.0.1:80"}, {"CROWFLY_JOBS", "3"}});
    EXPECT_THAT(resolved.unknown_variables, ElementsAre("CROWFLY_PORT"));
}

TEST(Settings, HaveNamesOfTheirOwn) {
    std::set<std::string> variables;
    for (const Setting& setting : all_settings()) {
        EXPECT_EQ(setting.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos)
            << setting.name;
        EXPECT_TRUE(variables.insert(variable_of(setting.name)).second) << setting.name;
        EXPECT_FALSE(setting.help.empty() || setting.help.ends_with('.')) << setting.name;
    }
    EXPECT_TRUE(variables.contains("CROWFLY_SEARCH_TIMEOUT"));
}

TEST(Settings, AreInTheDocumentWithTheirDefaults) {
    std::istringstream document(tests::read_file(CROWFLY_SOURCE_DIR "/docs/service.md"));
    std::map<std::string, std::string> rows;
    for (std::string line; std::getline(document, line);) {
        const std::string names = line.starts_with("| `") ? line.substr(0, line.find(" |", 2)) : "";
        for (const Setting& setting : all_settings()) {
            if (names.find("`" + setting.name + "`") != std::string::npos) rows[setting.name] = line;
        }
    }
    const ServiceOptions defaults;
    for (const Setting& setting : all_settings()) {
        std::string shown = setting.show(defaults);
        if (shown.starts_with('"')) shown = shown.substr(1, shown.size() - 2);
        const bool is_empty = shown.empty() || shown == "[]";
        EXPECT_THAT(rows[setting.name], HasSubstr(is_empty ? "| |" : "`" + shown + "`")) << setting.name;
    }
}

TEST(ServiceOptionsTest, GoTogether) {
    const auto fault = [](const std::function<void(ServiceOptions&)>& change) {
        ServiceOptions options{.store = "s.gpkg"};
        change(options);
        return tests::thrown_text([&] { require_consistent(options); });
    };
    EXPECT_EQ(fault([](ServiceOptions&) {}), "no error");
    EXPECT_EQ(fault([](ServiceOptions& o) { o.store.clear(); }),
              "invalid_argument a store is needed, as `crowfly import` makes it");
    const auto open = [](ServiceOptions& o) { o.listen = "0.0.0.0:80"; };
    EXPECT_THAT(fault(open), HasSubstr("listen 0.0.0.0:80: is not a loopback address"));
    EXPECT_EQ(fault([&](ServiceOptions& o) { open(o), o.insecure = true; }), "no error");
    EXPECT_EQ(fault([&](ServiceOptions& o) { open(o), o.auth.key_file = "k"; }), "no error");
    EXPECT_EQ(fault([&](ServiceOptions& o) { open(o), o.jwt.key_file = "k"; }), "no error");
    EXPECT_EQ(fault([](ServiceOptions& o) { o.tls_key = "k"; }),
              "invalid_argument tls-cert and tls-key go together");
    EXPECT_EQ(fault([](ServiceOptions& o) { o.jwt.issuer = "i"; }),
              "invalid_argument jwt-issuer and jwt-audience need jwt-keys");
    EXPECT_EQ(fault([](ServiceOptions& o) { o.auth.anonymous = Role::reader; }),
              "invalid_argument anonymous needs keys or jwt-keys: without them nobody is asked at all");
    EXPECT_EQ(auth_of({}).jwt.has_value(), false);
    EXPECT_EQ(auth_of({.store = {}, .jwt = {.key_file = "k"}}).jwt->key_file, "k");
}

}  // namespace
}  // namespace crowfly
