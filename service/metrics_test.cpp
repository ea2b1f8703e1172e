#include "service/metrics.h"

#include <map>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary.h"

namespace crowfly {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::Contains;
using testing::HasSubstr;

/// The samples of the text, by name and labels.
std::map<std::string, double> samples(const Metrics& metrics) {
    std::map<std::string, double> values;
    std::istringstream text(metrics.render());
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with('#')) continue;
        const std::size_t space = line.rfind(' ');
        EXPECT_TRUE(values.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second) << line;
    }
    return values;
}

TEST(Metrics, CountRequestsByRouteAndStatus) {
    Metrics metrics({"/healthz", "/collections/{c}/items"}, 2, "1.2.3");
    metrics.stripe(0).count_request(1, 200, microseconds(50), 10, 1000);
    metrics.stripe(1).count_request(1, 200, milliseconds(3), 20, 2000);
    metrics.stripe(1).count_request(1, 418, std::chrono::seconds(11), 0, 0);
    metrics.stripe(0).count_request(0, 204, milliseconds(1), 0, 0);
    const auto values = samples(metrics);
    const auto value = [&](const std::string& name) { return values.at(name); };
    EXPECT_EQ(value("crowfly_http_requests_total{route=\"/collections/{c}/items\",status=\"200\"}"), 2);
    EXPECT_EQ(value("crowfly_http_requests_total{route=\"/collections/{c}/items\",status=\"other\"}"), 1);
    EXPECT_EQ(value("crowfly_http_requests_total{route=\"/healthz\",status=\"204\"}"), 1);
    EXPECT_FALSE(values.contains("crowfly_http_requests_total{route=\"/healthz\",status=\"200\"}"));
    const std::string items =
        "crowfly_http_request_duration_seconds_bucket{route=\"/collections/{c}/items\",le=";
    EXPECT_EQ(value(items + "\"0.0001\"}"), 1);
    EXPECT_EQ(value(items + "\"0.0025\"}"), 1);
    EXPECT_EQ(value(items + "\"0.005\"}"), 2);
    EXPECT_EQ(value(items + "\"10\"}"), 2);
    EXPECT_EQ(value(items + "\"+Inf\"}"), 3);
    EXPECT_EQ(value("crowfly_http_request_duration_seconds_count{route=\"/collections/{c}/items\"}"), 3);
    EXPECT_NEAR(value("crowfly_http_request_duration_seconds_sum{route=\"/collections/{c}/items\"}"),
                11.00305, 1e-9);
    // An upper bound is inclusive.
    EXPECT_EQ(value("crowfly_http_request_duration_seconds_bucket{route=\"/healthz\",le=\"0.0005\"}"), 0);
    EXPECT_EQ(value("crowfly_http_request_duration_seconds_bucket{route=\"/healthz\",le=\"0.001\"}"), 1);
    EXPECT_EQ(value("crowfly_http_request_bytes_total"), 30);
    EXPECT_EQ(value("crowfly_http_reply_bytes_total"), 3000);
    EXPECT_EQ(value("crowfly_build_info{version=\"1.2.3\"}"), 1);
}

TEST(Metrics, CountWhatTheServiceDoes) {
    Metrics metrics({"/"}, 3, "1");
    metrics.stripe(0).count_search(10, 7, 16, 40);
    metrics.stripe(2).count_search(100, 100, 5000, 2);
    metrics.stripe(1).count_import_rows(1000, 3);
    metrics.stripe(1).count_import(ImportOutcome::cancelled);
    metrics.stripe(1).count_commit(milliseconds(4), 500);
    metrics.stripe(0).count_refusal(Refusal::unauthenticated);
    metrics.stripe(0).count_refusal(Refusal::overload);
    metrics.stripe(0).count_srid_failure();
    metrics.stripe(0).count_slow_search();
    const auto values = samples(metrics);
    const std::map<std::string, double> expected{{"crowfly_k_requested_bucket{le=\"10\"}", 1},
                                                 {"crowfly_k_requested_sum", 110},
                                                 {"crowfly_k_returned_bucket{le=\"5\"}", 0},
                                                 {"crowfly_k_returned_bucket{le=\"10\"}", 1},
                                                 {"crowfly_k_returned_count", 2},
                                                 {"crowfly_search_nodes_bucket{le=\"16\"}", 1},
                                                 {"crowfly_search_nodes_bucket{le=\"65536\"}", 2},
                                                 {"crowfly_search_distances_total", 42},
                                                 {"crowfly_import_rows_total{outcome=\"imported\"}", 1000},
                                                 {"crowfly_import_rows_total{outcome=\"rejected\"}", 3},
                                                 {"crowfly_imports_total{outcome=\"cancelled\"}", 1},
                                                 {"crowfly_imports_total{outcome=\"done\"}", 0},
                                                 {"crowfly_commit_duration_seconds_bucket{le=\"0.0025\"}", 0},
                                                 {"crowfly_commit_duration_seconds_bucket{le=\"0.005\"}", 1},
                                                 {"crowfly_changes_total", 500},
                                                 {"crowfly_refusals_total{reason=\"unauthenticated\"}", 1},
                                                 {"crowfly_refusals_total{reason=\"rate_of_key\"}", 0},
                                                 {"crowfly_refusals_total{reason=\"overload\"}", 1},
                                                 {"crowfly_srid_validation_failures_total", 1},
                                                 {"crowfly_slow_searches_total", 1}};
    for (const auto& sample : expected) EXPECT_THAT(values, Contains(sample)) << sample.first;
}

TEST(Metrics, LoseNothingWhenThreadsShareAStripe) {
    constexpr int kThreads = 4;
    constexpr int kEach = 10'000;
    Metrics metrics({"/"}, 1, "1");
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) metrics.stripe(0).count_request(0, 200, milliseconds(500), 1, 2);
        });
    }
    for (std::thread& thread : threads) thread.join();
    const auto values = samples(metrics);
    EXPECT_EQ(values.at("crowfly_http_requests_total{route=\"/\",status=\"200\"}"), kThreads * kEach);
    EXPECT_EQ(values.at("crowfly_http_request_duration_seconds_sum{route=\"/\"}"), kThreads * kEach / 2);
}

TEST(Metrics, AreReadWhenAskedFor) {
    Metrics metrics({"/"}, 1, "1");
    double depth = 1;
    metrics.add_gauge("crowfly_queue_depth", "Requests that wait", "queue", [&] {
        return std::vector<Reading>{{"imports", depth}, {"say \"hi\"\n", 2}};
    });
    metrics.add_counter("crowfly_log_lines_lost_total", "Lost", "", [] {
        return std::vector<Reading>{{"", 5}};
    });
    EXPECT_EQ(samples(metrics).at("crowfly_queue_depth{queue=\"imports\"}"), 1);
    depth = 7;
    EXPECT_EQ(samples(metrics).at("crowfly_queue_depth{queue=\"imports\"}"), 7);
    EXPECT_EQ(samples(metrics).at("crowfly_queue_depth{queue=\"say \\\"hi\\\"\\n\"}"), 2);
    EXPECT_EQ(samples(metrics).at("crowfly_log_lines_lost_total"), 5);
    EXPECT_THAT(metrics.render(), HasSubstr("# TYPE crowfly_log_lines_lost_total counter\n"));
    EXPECT_THAT(metrics.render(), HasSubstr("# HELP crowfly_queue_depth Requests that wait\n"));
}

TEST(Metrics, TellOfTheProcess) {
    Metrics metrics({"/"}, 1, "1");
    add_process_metrics(metrics);
    const auto values = samples(metrics);
    EXPECT_GT(values.at("process_resident_memory_bytes"), 1e5);
    EXPECT_GT(values.at("process_cpu_seconds_total"), 0);
    EXPECT_GE(values.at("process_open_fds"), 3);
    EXPECT_GE(values.at("process_max_fds"), values.at("process_open_fds"));
    EXPECT_GE(values.at("process_threads"), 1);
    EXPECT_GT(values.at("process_start_time_seconds"), 1.7e9);
}

TEST(Metrics, AreInTheDocument) {
    Metrics metrics({"/"}, 1, "1");
    add_process_metrics(metrics);
    const std::string document = tests::read_file(CROWFLY_SOURCE_DIR "/docs/service.md");
    for (const prometheus::MetricFamily& family : metrics.Collect())
        EXPECT_TRUE(document.find("`" + family.name + "`") != std::string::npos ||
                    document.find("`" + family.name + "{") != std::string::npos)
            << family.name;
}

}  // namespace
}  // namespace crowfly
