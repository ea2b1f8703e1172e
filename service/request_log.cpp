#include "service/request_log.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/periodic_worker.h>
#include <spdlog/details/thread_pool.h>

#include "formats/json_writer.h"
#include "service/line_sink.h"
#include "service/utc_time.h"

namespace crowfly {
namespace {

constexpr int kServerFault = 500;

/// What a client chose: the line must be JSON all the same, and not longer than what it tells.
void add_text(JsonWriter& json, std::string_view name, std::string_view text) {
    constexpr std::size_t kLongest = 300;
    if (text.empty()) return;
    const bool is_fit = text.size() <= kLongest && simdjson::validate_utf8(text.data(), text.size());
    json.key(name).string(is_fit ? text : "(unprintable)");
}

void add_count(JsonWriter& json, std::string_view name, const std::optional<std::uint64_t>& count) {
    if (count) json.key(name).number(*count);
}

std::string microsecond_text(std::chrono::system_clock::time_point time) {
    std::string text = utc_text(time);
    text.pop_back();
    const auto fraction =
        std::chrono::floor<std::chrono::microseconds>(time) - std::chrono::floor<std::chrono::seconds>(time);
    fmt::format_to(std::back_inserter(text), ".{:06}Z", fraction.count());
    return text;
}

}  // namespace

std::string line_of(const RequestRecord& record, bool is_slow) {
    std::string line;
    line.reserve(512);
    JsonWriter json(line);
    json.begin_object().key("time").string(microsecond_text(record.time));
    add_text(json, "method", record.method);
    add_text(json, "route", record.route);
    json.key("status").number(record.status);
    json.key("duration_ms").rounded(std::chrono::duration<double, std::milli>(record.duration).count(), 3);
    json.key("bytes_in").number(record.bytes_in).key("bytes_out").number(record.bytes_out);
    add_text(json, "collection", record.collection);
    add_count(json, "k", record.k);
    add_count(json, "returned", record.returned);
    add_text(json, "key", record.key);
    add_text(json, "peer", record.peer);
    add_text(json, "fault", record.fault);
    if (record.trace) {
        add_text(json, "trace_id", record.trace->trace_id);
        add_text(json, "parent_id", record.trace->parent_id);
    }
    if (is_slow) json.key("slow").boolean(true);
    if (is_slow && record.counts) {
        const SearchCounts& counts = *record.counts;
        json.key("nodes").number(counts.nodes).key("leaves").number(counts.leaves);
        json.key("distances").number(counts.distances).key("closed_forms").number(counts.closed_forms);
        json.key("geodesics").number(counts.geodesics).key("search_ms");
        json.rounded(std::chrono::duration<double, std::milli>(counts.time).count(), 3);
    }
    json.end_object();
    return line;
}

/// The parts of spdlog that the log is made of, in an order in which they can be taken down: who asks for
/// flushes, then the logger, then the thread, which writes what waits.
struct RequestLog::Writer {
    Writer(const RequestLogOptions& options, const std::shared_ptr<LineSink>& sink)
        : pool(std::make_shared<spdlog::details::thread_pool>(options.queue, 1)),
          logger(std::make_shared<spdlog::async_logger>("requests", sink, pool,
                                                        spdlog::async_overflow_policy::overrun_oldest)),
          flusher([this] { logger->flush(); }, options.flush) {}

    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
    spdlog::details::periodic_worker flusher;
};

RequestLog::RequestLog(RequestLogOptions options)
    : options_(std::move(options)),
      sink_(std::make_shared<LineSink>(options_.path)),
      writer_(std::make_unique<Writer>(options_, sink_)) {}

RequestLog::~RequestLog() = default;

void RequestLog::write(const RequestRecord& record) {
    const bool slow = is_slow(record.duration);
    if (options_.only_slow && !slow && record.status < kServerFault) return;
    writer_->logger->log(spdlog::level::info, std::string_view(line_of(record, slow)));
}

void RequestLog::reopen() {
    sink_->reopen();
}

std::uint64_t RequestLog::lost() const {
    return writer_->pool->overrun_counter() + sink_->lost();
}

}  // namespace crowfly
