#include "service/api.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/version.h"
#include "service/body_stream.h"
#include "service/cluster_endpoint.h"
#include "service/collection_endpoints.h"
#include "service/import_endpoints.h"
#include "service/items_endpoints.h"
#include "service/job_endpoints.h"
#include "service/join_endpoint.h"
#include "service/knn_search.h"
#include "service/live_endpoint.h"
#include "service/nearest_endpoints.h"
#include "service/openapi_endpoint.h"
#include "service/problem.h"
#include "service/tile_endpoints.h"
#include "service/write_endpoints.h"

namespace crowfly {
namespace {

/// The path as text that JSON can hold: a request line may have any bytes.
std::string printable(std::string_view path) {
    std::string text(path.substr(0, 200));
    for (char& c : text) {
        if (c <= ' ' || c > '~') c = '?';
    }
    return text;
}

/// What went wrong as a problem; inside is for the log: the client is told no paths or statements.
HttpResponse problem_of_failure(const HttpRequest& request, const Error& error) {
    const CodeInfo& code = info(error.code());
    const bool is_for_the_client = code.http_status < 500 || error.code() == Code::deadline_exceeded ||
                                   error.code() == Code::cancelled || error.code() == Code::unsupported;
    if (is_for_the_client) return problem_of(error);
    spdlog::error("{} {}: {}", request.method, printable(request.path), error.what());
    return problem_of(Error(error.code(), std::string(code.title)));
}

/// Runs the work, and makes a problem of what it throws, whose code goes to `fault`.
template <class Work>
HttpResponse or_problem(const HttpRequest& request, std::optional<Code>& fault, const Work& work) try {
    return work();
} catch (const Error& error) {
    fault = error.code();
    return problem_of_failure(request, error);
} catch (const std::bad_alloc&) {
    fault = Code::out_of_memory;
    return problem_of_failure(request, Error(Code::out_of_memory, "out of memory"));
} catch (const std::exception& error) {
    fault = Code::internal;
    return problem_of_failure(request, Error(Code::internal, error.what()));
}

HttpResponse overloaded() {
    HttpResponse response = problem_of_status(503, "too many requests of this kind are waiting; try again");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

/// Writes the rest of a reply whose header is on its way.
void write_stream(const std::string& what, const HttpResponse::Produce& produce, BodyStream& stream) noexcept
    try {
    produce(stream);
    stream.end();
} catch (const std::exception& error) {
    stream.fail();
    if (!stream.stop_token().stop_requested()) spdlog::error("{}: {}", what, error.what());
}

HttpResponse unauthenticated(const Unauthenticated& error) {
    HttpResponse response = problem_of_status(401, error.what());
    response.headers.emplace_back("WWW-Authenticate", error.challenge());
    return response;
}

HttpResponse too_many(const TooManyRequests& error) {
    HttpResponse response = problem_of_status(429, error.what());
    response.headers.emplace_back("Retry-After", std::to_string(error.retry_after().count()));
    return response;
}

Lane lane_of(const HttpRequest& request, const Endpoint& endpoint) {
    return endpoint.lane ? endpoint.lane(request) : Lane::at_once;
}

constexpr std::string_view kOfCollection = "/collections/{c}";

}  // namespace

/// What the service knows of a request, from its admission to its reply.
struct Api::Notes final : RequestNotes {
    ApiRouter::Found found;
    Principal principal{.role = Role::admin};
    CallNotes call_notes;
    std::optional<Code> fault;
    std::optional<Refusal> refusal;

    /// Where the method is not known there, neither are the values of the path.
    bool is_of_collection() const {
        return found.handler != nullptr && found.pattern.starts_with(kOfCollection);
    }

    Call call(const HttpRequest& request, const Control& control) {
        return {request, found.values, principal, control, &call_notes};
    }

    void require_role() const {
        if (is_of_collection())
            require(principal, found.handler->needed, found.values[0]);
        else
            require(principal, found.handler->needed);
    }
};

Api::Api(std::vector<std::unique_ptr<Collection>> collections, ApiLimits limits, ApiParts parts)
    : limits_(limits),
      parts_(std::move(parts)),
      cors_(parts_.cors_origins),
      catalog_(std::move(collections)),
      imports_(parts_.imports, catalog_, jobs_),
      live_(limits.live),
      slow_(limits.pool_threads, limits.pool_queue),
      bulk_(limits.bulk_threads, limits.bulk_queue),
      write_(limits.write_threads, limits.write_queue) {
    router_.add("POST", "/knn/search", knn_search(catalog_));
    add_nearest_endpoints(router_, catalog_, limits_);
    add_collection_endpoints(router_, catalog_);
    add_items_endpoints(router_, catalog_, limits_);
    add_write_endpoints(router_, catalog_, replies_);
    add_import_endpoints(router_, catalog_, imports_, replies_);
    add_job_endpoints(router_, jobs_);
    add_live_endpoint(router_, catalog_, limits_, live_);
    add_tile_endpoints(router_, catalog_);
    add_join_endpoint(router_, catalog_, limits_);
    add_cluster_endpoints(router_, catalog_, limits_, jobs_);
    add_operations();
    add_openapi_endpoint(router_);  // after all others, which it describes
    std::vector<std::string> routes = router_.patterns();
    routes.emplace_back("other");  // for all that is not routed
    metrics_ = std::make_unique<Metrics>(std::move(routes), parts_.stripes, kVersion);
    add_gauges();
}

Api::~Api() = default;

void Api::finish() {
    drain();
    for (WorkPool* pool : {&slow_, &bulk_, &write_}) pool->stop();
}

void Api::add_operations() {
    router_.add("GET", "/healthz",
                {.answer = [](const Call&) { return HttpResponse{.body = R"({"status":"ok"})"}; },
                 .asks_nobody = true});
    router_.add("GET", "/readyz",
                {.answer =
                     [this](const Call&) {
                         return draining_ ? HttpResponse{.status = 503, .body = R"({"status":"draining"})"}
                                          : HttpResponse{.body = R"({"status":"ready"})"};
                     },
                 .asks_nobody = true});
    router_.add("GET", "/metrics", {.answer = [this](const Call&) {
                    return HttpResponse{.content_type = Metrics::kContentType, .body = metrics_->render()};
                }});
}

void Api::add_gauges() {
    const auto of_pools = [this](std::size_t (WorkPool::*count)() const) {
        return [this, count] {
            return std::vector<Reading>{{"slow", static_cast<double>((slow_.*count)())},
                                        {"bulk", static_cast<double>((bulk_.*count)())},
                                        {"write", static_cast<double>((write_.*count)())}};
        };
    };
    metrics_->add_gauge("crowfly_queue_depth", "Requests that wait for a thread", "pool",
                        of_pools(&WorkPool::waiting));
    metrics_->add_gauge("crowfly_requests_in_pool", "Requests that a thread of a pool answers", "pool",
                        of_pools(&WorkPool::running));
    metrics_->add_gauge("crowfly_places", "Places of a collection", "collection", [this] {
        std::vector<Reading> readings;
        for (const auto& collection : catalog_.list())
            readings.push_back({collection->schema().name, static_cast<double>(collection->count())});
        return readings;
    });
    metrics_->add_gauge("crowfly_sequence_number", "Of the last batch of changes", "collection", [this] {
        std::vector<Reading> readings;
        for (const auto& collection : catalog_.list())
            readings.push_back(
                {collection->schema().name, static_cast<double>(collection->sequence_number())});
        return readings;
    });
    if (parts_.log != nullptr) {
        metrics_->add_counter("crowfly_log_lines_lost_total", "Lines of the log that there was no room for",
                              "", [this] {
                                  return std::vector<Reading>{{"", static_cast<double>(parts_.log->lost())}};
                              });
    }
}

std::shared_ptr<Api::Notes> Api::noted(const HttpRequest& request) const {
    auto notes = std::make_shared<Notes>();
    notes->found = router_.find(request.method, request.path);
    return notes;
}

std::optional<HttpResponse> Api::not_routed(const HttpRequest& request, const Notes& notes) const {
    const ApiRouter::Found& found = notes.found;
    if (found.handler != nullptr) return std::nullopt;
    if (found.pattern.empty())
        return problem_of_status(404, fmt::format("there is nothing at {}", printable(request.path)));
    if (auto preflight = cors_.preflight(request, found.allowed)) return preflight;
    HttpResponse response =
        problem_of_status(405, fmt::format("{} takes {}", printable(request.path), found.allowed));
    response.headers.emplace_back("Allow", found.allowed);
    return response;
}

/// Judges who sends the request, and whether they may; nothing when they may.
std::optional<HttpResponse> Api::refusal_of(const HttpRequest& request, Notes& notes) try {
    const bool is_asked = notes.found.handler == nullptr || !notes.found.handler->asks_nobody;
    const bool is_preflight = request.method == "OPTIONS";  // browsers send no key with it
    if (parts_.gate != nullptr && is_asked && !is_preflight) notes.principal = parts_.gate->pass(request);
    if (auto response = not_routed(request, notes)) return response;
    notes.require_role();
    return std::nullopt;
} catch (const Unauthenticated& error) {
    notes.refusal = Refusal::unauthenticated;
    notes.fault = error.code();
    return unauthenticated(error);
} catch (const TooManyRequests& error) {
    notes.refusal = error.is_address() ? Refusal::rate_of_address : Refusal::rate_of_key;
    notes.fault = error.code();
    return too_many(error);
} catch (const Error& error) {
    notes.refusal = Refusal::forbidden;
    notes.fault = error.code();
    return problem_of_failure(request, error);
}

Admission Api::admit(const HttpRequest& request) {
    const auto notes = noted(request);
    Admission admission{.refusal = refusal_of(request, *notes), .notes = notes};
    if (!admission.refusal) {
        const Endpoint& endpoint = *notes->found.handler;
        admission.most_body_bytes = std::min(endpoint.most_body_bytes, most_bytes(request, endpoint));
        if (endpoint.upload) {
            HttpResponse problem = or_problem(request, notes->fault, [&] {
                admission.upload = endpoint.upload(notes->call(request, {}));
                return HttpResponse();
            });
            if (!admission.upload) admission.refusal = std::move(problem);
        }
    }
    if (admission.refusal) admission.refusal = finished(request, std::move(*admission.refusal));
    return admission;
}

HttpResponse Api::finished(const HttpRequest& request, HttpResponse response) const {
    cors_.allow(request, response);
    if (parts_.has_tls) response.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return response;
}

Control Api::control(const Endpoint& endpoint, std::stop_token stop) const {
    Control control{.stop = std::move(stop)};
    if (endpoint.is_timed) control.deadline = std::chrono::steady_clock::now() + limits_.search_timeout;
    return control;
}

std::size_t Api::most_bytes(const HttpRequest& request, const Endpoint& endpoint) const {
    const Lane lane = lane_of(request, endpoint);
    const bool is_for_data = endpoint.upload || lane == Lane::bulk || lane == Lane::write;
    return is_for_data ? limits_.most_upload_bytes : limits_.most_body_bytes;
}

WorkPool* Api::pool_of(const HttpRequest& request, const Endpoint& endpoint) {
    switch (lane_of(request, endpoint)) {
        case Lane::at_once:
            break;
        case Lane::slow:
            return &slow_;
        case Lane::bulk:
            return &bulk_;
        case Lane::write:
            return &write_;
    }
    return nullptr;
}

HttpResponse Api::handle(const HttpRequest& request) const {
    const auto notes = noted(request);
    if (auto response = not_routed(request, *notes)) return std::move(*response);
    return or_problem(request, notes->fault, [&] {
        const Endpoint& endpoint = *notes->found.handler;
        return endpoint.answer(notes->call(request, control(endpoint, {})));
    });
}

std::optional<HttpResponse> Api::handle(const HttpRequest& request, const Later& later) {
    const auto notes = std::static_pointer_cast<Notes>(request.notes);
    const Endpoint& endpoint = *notes->found.handler;
    const auto answer = [this, &request, &endpoint, notes](const Control& until) {
        return finished(request, or_problem(request, notes->fault, [&] {
                            until.check();  // it may have waited
                            return endpoint.answer(notes->call(request, until));
                        }));
    };
    WorkPool* pool = pool_of(request, endpoint);
    if (pool == nullptr) return answer(control(endpoint, {}));
    auto responder = std::make_shared<Responder>(later());
    auto until = control(endpoint, responder->stop_token());
    const bool taken = pool->offer([&request, responder, answer, until = std::move(until)]() mutable {
        HttpResponse response = answer(until);
        const auto produce = std::move(response.produce);
        if (!produce) return (*responder)(std::move(response));
        const std::string what = fmt::format("{} {}", request.method, printable(request.path));
        const auto stream = std::make_shared<BodyStream>();
        response.stream = stream;
        (*responder)(std::move(response));
        responder.reset();
        write_stream(what, produce, *stream);
    });
    if (!taken) {
        notes->refusal = Refusal::overload;
        (*responder)(finished(request, overloaded()));
    }
    return std::nullopt;
}

void Api::replied(const HttpRequest& request, const HttpResponse& response,
                  std::chrono::nanoseconds took) noexcept try {
    const auto notes = std::static_pointer_cast<const Notes>(request.notes);
    WatchedRequest watched{
        .request = request, .response = response, .took = took, .route = router_.patterns().size()};
    if (notes) {
        if (!notes->found.pattern.empty()) watched.route = notes->found.number;
        watched.pattern = notes->found.pattern;
        if (notes->is_of_collection()) watched.collection = notes->found.values[0];
        watched.key = notes->principal.id;
        watched.fault = notes->fault;
        watched.refusal = notes->refusal;
        watched.notes = notes->call_notes;
    }
    watch(watched, *metrics_, parts_.log);
} catch (const std::exception&) {
    // There is no memory to say so.
}

}  // namespace crowfly
