#include "cli/setting.h"

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cli/number_flags.h"
#include "core/error.h"
#include "formats/value.h"

namespace crowfly {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Texts = std::span<const std::string>;

[[noreturn]] void fail(const std::string& where, const std::string& text, std::string_view expected) {
    throw Error(Code::invalid_argument, fmt::format("{} \"{}\": expected {}", where, text, expected));
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            result += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            result += c;
        }
    }
    return result + "\"";
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

Milliseconds parse_duration(const std::string& text, const std::string& where) {
    constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
        {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
    constexpr std::uint64_t kLongest_ms = 24ULL * 3'600'000;
    for (const auto& [unit, unit_ms] : kUnits) {
        if (!text.ends_with(unit)) continue;
        const auto number = whole_number(std::string_view(text).substr(0, text.size() - unit.size()));
        if (number && *number >= 1 && *number <= kLongest_ms / unit_ms)
            return Milliseconds(*number * unit_ms);
    }
    fail(where, text, "a time from 1 ms to 24 h, as in 500ms, 2s, 5m or 1h");
}

std::string duration_text(Milliseconds duration) {
    const auto count = duration.count();
    return count % 1'000 == 0 ? fmt::format("\"{}s\"", count / 1'000) : fmt::format("\"{}ms\"", count);
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::string_view kUnits = "KMGT";
    std::size_t unit = 0;
    for (; unit < kUnits.size() && bytes % 1024 == 0; ++unit) bytes /= 1024;
    return unit == 0 ? fmt::format("{}", bytes) : fmt::format("\"{}{}\"", bytes, kUnits[unit - 1]);
}

/// Makes settings of one group. `access` gives the member of ServiceOptions that a setting stands for.
class Group {
  public:
    Group(std::vector<Setting>& settings, std::string name) : settings_(settings), name_(std::move(name)) {}

    template <class Access>
    void text(const char* name, const char* help, Access access) {
        add(
            name, help, access,
            [](std::string& value, const std::string& text, const std::string&) { value = text; },
            [](const std::string& value) { return quoted(value); });
    }

    template <class Access>
    void flag(const char* name, const char* help, Access access) {
        add(
            name, help, access,
            [](bool& value, const std::string& text, const std::string& where) {
                value = parse_boolean(text, where.c_str());
            },
            [](bool value) { return std::string(value ? "true" : "false"); });
        settings_.back().kind = Setting::Kind::flag;
    }

    template <class Access>
    void count(const char* name, const char* help, std::uint64_t least, std::uint64_t most, Access access) {
        add(
            name, help, access,
            [least, most](std::size_t& value, const std::string& text, const std::string& where) {
                const auto number = whole_number(text);
                if (!number || *number < least || *number > most)
                    fail(where, text, fmt::format("a whole number from {} to {}", least, most));
                value = *number;
            },
            [](std::size_t value) { return fmt::format("{}", value); });
    }

    template <class Access>
    void bytes(const char* name, const char* help, Access access) {
        add(
            name, help, access,
            [](std::uint64_t& value, const std::string& text, const std::string& where) {
                value = parse_bytes(text, where.c_str());
            },
            bytes_text);
    }

    template <class Access>
    void duration(const char* name, const char* help, Access access) {
        add(
            name, help, access,
            [](auto& value, const std::string& text, const std::string& where) {
                using Value = std::remove_reference_t<decltype(value)>;
                value = std::chrono::floor<Value>(parse_duration(text, where));
            },
            [](Milliseconds value) { return duration_text(value); });
    }

    template <class Access>
    void number(const char* name, const char* help, double least, Access access) {
        add(
            name, help, access,
            [least](double& value, const std::string& text, const std::string& where) {
                constexpr double kMost = 1e6;
                const auto number = parse_double(text);
                if (!number || !(*number >= least && *number <= kMost))
                    fail(where, text, fmt::format("a number from {} to {}", least, kMost));
                value = *number;
            },
            [](double value) { return fmt::format("{}", value); });
    }

    template <class Access>
    void role(const char* name, const char* help, Access access) {
        add(
            name, help, access,
            [](std::optional<Role>& value, const std::string& text, const std::string& where) {
                value = role_named(text);
                if (!value && text != "none") fail(where, text, "none, reader, writer or admin");
            },
            [](const std::optional<Role>& value) { return quoted(value ? crowfly::name(*value) : "none"); });
    }

    template <class Access>
    void list(const char* name, const char* help, Access access) {
        settings_.push_back(
            {.name = name,
             .help = help,
             .group = name_,
             .kind = Setting::Kind::list,
             .set = [access](ServiceOptions& options, Texts texts,
                             const std::string&) { access(options).assign(texts.begin(), texts.end()); },
             .show =
                 [access](const ServiceOptions& options) {
                     std::string text = "[";
                     for (const std::string& item : access(options))
                         text += (text.size() > 1 ? ", " : "") + quoted(item);
                     return text + "]";
                 }});
    }

  private:
    template <class Access, class Read, class Show>
    void add(const char* name, const char* help, Access access, Read read, Show show) {
        settings_.push_back(
            {.name = name,
             .help = help,
             .group = name_,
             .set = [access, read](ServiceOptions& options, Texts texts,
                                   const std::string& where) { read(access(options), texts.front(), where); },
             .show = [access, show](const ServiceOptions& options) { return show(access(options)); }});
    }

    std::vector<Setting>& settings_;
    std::string name_;
};

void add_basics(std::vector<Setting>& settings) {
    Group group(settings, "Serving");
    group.text(
        "store", "A store, as `crowfly import` makes it", [](auto& o) -> auto& { return o.store; });
    group.text(
        "listen", "Address and port; port 0 lets the system choose",
        [](auto& o) -> auto& { return o.listen; });
    group.flag(
        "insecure", "Let other machines come without asking them who they are",
        [](auto& o) -> auto& { return o.insecure; });
    group.count(
        "threads", "Event loops; 0: one for each processor", 0, 1024,
        [](auto& o) -> auto& { return o.threads; });
    group.flag(
        "read-only", "Take no writes, so that another process may write the store",
        [](auto& o) -> auto& { return o.read_only; });
    group.list(
        "hot-attribute",
        "Attribute to be kept in memory, where filters ask for it; may be given several times",
        [](auto& o) -> auto& { return o.hot_attributes; });
}

void add_access(std::vector<Setting>& settings) {
    Group group(settings, "Access");
    group.text(
        "keys", "File of keys, as `crowfly key add` makes it",
        [](auto& o) -> auto& { return o.auth.key_file; });
    group.role(
        "anonymous", "Role of who sends no key: none, reader, writer or admin",
        [](auto& o) -> auto& { return o.auth.anonymous; });
    group.text(
        "jwt-keys", "Public keys that sign tokens: PEM, JWK or JWKS",
        [](auto& o) -> auto& { return o.jwt.key_file; });
    group.text(
        "jwt-issuer", "What `iss` of a token must be", [](auto& o) -> auto& { return o.jwt.issuer; });
    group.text(
        "jwt-audience", "What `aud` of a token must be", [](auto& o) -> auto& { return o.jwt.audience; });
    group.text(
        "jwt-role-claim", "Claim that has the role", [](auto& o) -> auto& { return o.jwt.role_claim; });
    group.text(
        "jwt-collections-claim", "Claim that restricts a token to collections",
        [](auto& o) -> auto& { return o.jwt.collections_claim; });
    group.duration(
        "jwt-leeway", "By how much clocks may differ", [](auto& o) -> auto& { return o.jwt.leeway; });
    group.text(
        "tls-cert", "Certificates in PEM, the server's first; with tls-key: speak TLS",
        [](auto& o) -> auto& { return o.tls_certificate; });
    group.text(
        "tls-key", "The certificate's key in PEM", [](auto& o) -> auto& { return o.tls_key; });
    group.list(
        "cors-origin", "Origin whose pages may use the service, or *; may be given several times",
        [](auto& o) -> auto& { return o.cors_origins; });
    group.number(
        "rate-per-key", "Requests a second that a key may send; 0: any", 0,
        [](auto& o) -> auto& { return o.rate_of_key.per_second; });
    group.number(
        "burst-per-key", "How many of them at once", 1, [](auto& o) -> auto& { return o.rate_of_key.burst; });
    group.number(
        "rate-per-address", "Requests a second that may come from an address; 0: any", 0,
        [](auto& o) -> auto& { return o.rate_of_address.per_second; });
    group.number(
        "burst-per-address", "How many of them at once", 1,
        [](auto& o) -> auto& { return o.rate_of_address.burst; });
}

void add_times(std::vector<Setting>& settings) {
    Group group(settings, "Time");
    group.duration(
        "search-timeout", "For a search", [](auto& o) -> auto& { return o.search_timeout; });
    group.duration(
        "request-timeout", "For a request to arrive, from its first byte",
        [](auto& o) -> auto& { return o.request_timeout; });
    group.duration(
        "idle-timeout", "Between two requests of a connection",
        [](auto& o) -> auto& { return o.idle_timeout; });
    group.duration(
        "write-timeout", "For a client to take a reply", [](auto& o) -> auto& { return o.write_timeout; });
    group.duration(
        "drain-timeout", "For what was begun when the service is told to end",
        [](auto& o) -> auto& { return o.drain_timeout; });
}

void add_limits(std::vector<Setting>& settings) {
    Group group(settings, "Limits");
    group.count(
        "max-connections", "Connections at a time", 1, 1'000'000,
        [](auto& o) -> auto& { return o.max_connections; });
    group.bytes(
        "max-body", "Body of a request, imports and joins aside",
        [](auto& o) -> auto& { return o.max_body_bytes; });
    group.bytes(
        "max-header", "Header of a request", [](auto& o) -> auto& { return o.max_header_bytes; });
    group.bytes(
        "max-upload", "Body of an import or a join", [](auto& o) -> auto& { return o.max_upload_bytes; });
    group.count(
        "max-k", "Neighbors that may be asked for; of /knn/search it is 100", 1, 1'000'000,
        [](auto& o) -> auto& { return o.max_k; });
    group.count(
        "max-join-rows", "Places of a join's query side", 1, 1'000'000'000,
        [](auto& o) -> auto& { return o.max_join_rows; });
    group.count(
        "jobs", "Joins, clusters and imports that run at a time", 1, 1024,
        [](auto& o) -> auto& { return o.jobs; });
    group.count(
        "job-queue", "How many more may wait", 0, 1'000'000, [](auto& o) -> auto& { return o.job_queue; });
}

void add_logs(std::vector<Setting>& settings) {
    Group group(settings, "Logs");
    group.flag(
        "log-requests", "Write a line for each request", [](auto& o) -> auto& { return o.log_requests; });
    group.text(
        "request-log", "File that they are added to; -: standard output",
        [](auto& o) -> auto& { return o.request_log.path; });
    group.flag(
        "log-only-slow", "Only those that are slow, or fail by the service's fault",
        [](auto& o) -> auto& { return o.request_log.only_slow; });
    group.duration(
        "slow-request", "From how long on a request is slow",
        [](auto& o) -> auto& { return o.request_log.slow; });
}

std::vector<Setting> make_settings() {
    std::vector<Setting> settings;
    add_basics(settings);
    add_access(settings);
    add_times(settings);
    add_limits(settings);
    add_logs(settings);
    return settings;
}

}  // namespace

const std::vector<Setting>& all_settings() {
    static const std::vector<Setting> settings = make_settings();
    return settings;
}

std::string variable_of(std::string_view setting) {
    std::string variable = "CROWFLY_";
    for (const char c : setting) {
        const bool is_letter = c >= 'a' && c <= 'z';
        variable += c == '-' ? '_' : is_letter ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return variable;
}

}  // namespace crowfly
