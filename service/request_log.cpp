#include "service/request_log.h"

#include <charconv>

#include <simdjson.h>

#include "formats/json_writer.h"
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

/// Milliseconds with three decimals.
void add_duration(JsonWriter& json, std::string_view name, std::chrono::nanoseconds duration) {
    const auto us = std::chrono::round<std::chrono::microseconds>(duration).count();
    char text[32];
    char* end = std::to_chars(text, text + 24, us / 1'000).ptr;
    *end++ = '.';
    for (const auto digit : {us / 100 % 10, us / 10 % 10, us % 10}) *end++ = static_cast<char>('0' + digit);
    json.key(name).raw({text, end});
}

}  // namespace

std::string line_of(const RequestRecord& record, bool is_slow) {
    std::string line;
    line.reserve(512);
    JsonWriter json(line);
    json.begin_object().key("time").string(utc_microsecond_text(record.time));
    add_text(json, "method", record.method);
    add_text(json, "route", record.route);
    json.key("status").number(record.status);
    add_duration(json, "duration_ms", record.duration);
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
        json.key("geodesics").number(counts.geodesics);
        add_duration(json, "search_ms", counts.time);
    }
    json.end_object();
    return line;
}

void RequestLog::write(const RequestRecord& record) {
    const bool slow = is_slow(record.duration);
    if (only_slow_ && !slow && record.status < kServerFault) return;
    lines_.add(line_of(record, slow));
}

}  // namespace crowfly
