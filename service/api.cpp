#include "service/api.h"

#include <new>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "service/auth/authenticator.h"
#include "service/body_stream.h"
#include "service/cluster_endpoint.h"
#include "service/collection_endpoints.h"
#include "service/items_endpoints.h"
#include "service/join_endpoint.h"
#include "service/knn_search.h"
#include "service/nearest_endpoints.h"
#include "service/problem.h"

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

HttpResponse not_routed(const HttpRequest& request, const ApiRouter::Found& found) {
    if (found.pattern.empty())
        return problem_of_status(404, fmt::format("there is nothing at {}", printable(request.path)));
    HttpResponse response =
        problem_of_status(405, fmt::format("{} takes {}", printable(request.path), found.allowed));
    response.headers.emplace_back("Allow", found.allowed);
    return response;
}

/// Runs the work, and makes a problem of what it throws.
template <class Work>
HttpResponse or_problem(const HttpRequest& request, const Work& work) try {
    return work();
} catch (const Error& error) {
    const CodeInfo& code = info(error.code());
    const bool is_for_the_client = code.http_status < 500 || error.code() == Code::deadline_exceeded ||
                                   error.code() == Code::cancelled || error.code() == Code::unsupported;
    if (is_for_the_client) return problem_of(error);
    // What went wrong inside is for the log; the client is told no paths or statements.
    spdlog::error("{} {}: {}", request.method, printable(request.path), error.what());
    return problem_of(Error(error.code(), std::string(code.title)));
} catch (const std::bad_alloc&) {
    spdlog::error("{} {}: out of memory", request.method, printable(request.path));
    return problem_of(Error(Code::out_of_memory, std::string(info(Code::out_of_memory).title)));
} catch (const std::exception& error) {
    spdlog::error("{} {}: {}", request.method, printable(request.path), error.what());
    return problem_of(Error(Code::internal, std::string(info(Code::internal).title)));
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

constexpr std::string_view kOfCollection = "/collections/{c}";

}  // namespace

/// What the service knows of a request, from its admission to its reply.
struct Api::Notes final : RequestNotes {
    ApiRouter::Found found;
    Principal principal;
    SearchNotes search;

    Call call(const HttpRequest& request, const Control& control) {
        return {request, found.values, principal, control, &search};
    }
};

Api::Api(std::vector<std::unique_ptr<Collection>> collections, ApiLimits limits)
    : limits_(limits),
      catalog_(std::move(collections)),
      slow_(limits.pool_threads, limits.pool_queue),
      bulk_(limits.bulk_threads, limits.bulk_queue),
      write_(limits.write_threads, limits.write_queue) {
    router_.add("POST", "/knn/search", knn_search(catalog_));
    add_nearest_endpoints(router_, catalog_, limits_);
    add_collection_endpoints(router_, catalog_);
    add_items_endpoints(router_, catalog_, limits_);
    add_join_endpoint(router_, catalog_, limits_);
    add_cluster_endpoints(router_, catalog_, limits_, jobs_);
    router_.add("GET", "/healthz",
                {.answer = [](const Call&) { return HttpResponse{.body = R"({"status":"ok"})"}; },
                 .asks_nobody = true});
}

std::shared_ptr<Api::Notes> Api::noted(const HttpRequest& request) const {
    auto notes = std::make_shared<Notes>();
    notes->found = router_.find(request.method, request.path);
    notes->principal.role = Role::admin;
    return notes;
}

void Api::require_role(const Notes& notes) {
    const Endpoint& endpoint = *notes.found.handler;
    if (endpoint.asks_nobody) return;
    if (notes.found.pattern.starts_with(kOfCollection))
        require(notes.principal, endpoint.needed, notes.found.values[0]);
    else
        require(notes.principal, endpoint.needed);
}

Admission Api::admit(const HttpRequest& request) {
    const auto notes = noted(request);
    Admission admission{.notes = notes};
    if (notes->found.handler == nullptr) {
        admission.refusal = not_routed(request, notes->found);
        return admission;
    }
    const Endpoint& endpoint = *notes->found.handler;
    admission.most_body_bytes = endpoint.most_body_bytes;
    const HttpResponse response = or_problem(request, [&] {
        require_role(*notes);
        if (endpoint.upload) admission.upload = endpoint.upload(notes->call(request, {}));
        return HttpResponse();
    });
    if (response.status != HttpResponse().status) admission.refusal = response;
    return admission;
}

Control Api::control(const Endpoint& endpoint, std::stop_token stop) const {
    Control control{.stop = std::move(stop)};
    if (endpoint.is_timed) control.deadline = std::chrono::steady_clock::now() + limits_.search_timeout;
    return control;
}

WorkPool* Api::pool_of(const HttpRequest& request, const Endpoint& endpoint) {
    switch (endpoint.lane ? endpoint.lane(request) : Lane::at_once) {
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
    if (notes->found.handler == nullptr) return not_routed(request, notes->found);
    return or_problem(request, [&] {
        const Endpoint& endpoint = *notes->found.handler;
        HttpResponse response = endpoint.answer(notes->call(request, control(endpoint, {})));
        return response;
    });
}

std::optional<HttpResponse> Api::handle(const HttpRequest& request, const Later& later) {
    const auto notes = std::static_pointer_cast<Notes>(request.notes);
    const Endpoint& endpoint = *notes->found.handler;
    const auto answer = [&request, &endpoint, notes](const Control& until) {
        return or_problem(request, [&] {
            until.check();  // it may have waited
            return endpoint.answer(notes->call(request, until));
        });
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
    if (!taken) (*responder)(overloaded());
    return std::nullopt;
}

}  // namespace crowfly
