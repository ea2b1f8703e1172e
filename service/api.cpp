#include "service/api.h"

#include <new>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "service/collection_endpoints.h"
#include "service/items_endpoints.h"
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
                                   error.code() == Code::unsupported;
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

}  // namespace

Api::Api(std::vector<std::unique_ptr<Collection>> collections, ApiLimits limits)
    : limits_(limits), catalog_(std::move(collections)), pool_(limits.pool_threads, limits.pool_queue) {
    router_.add("POST", "/knn/search", knn_search(catalog_));
    add_nearest_endpoints(router_, catalog_, limits_);
    add_collection_endpoints(router_, catalog_);
    add_items_endpoints(router_, catalog_, limits_);
    router_.add("GET", "/healthz",
                {.answer = [](const Call&) { return HttpResponse{.body = R"({"status":"ok"})"}; }});
}

Admission Api::admit(const HttpRequest& request) {
    const auto found = router_.find(request.method, request.path);
    if (found.handler == nullptr) return {.refusal = not_routed(request, found)};
    return {.most_body_bytes = found.handler->most_body_bytes};
}

HttpResponse Api::answer(const HttpRequest& request, const ApiRouter::Found& found,
                         std::stop_token stop) const {
    const Call call{
        request,
        found.values,
        {.deadline = std::chrono::steady_clock::now() + limits_.search_timeout, .stop = std::move(stop)}};
    return or_problem(request, [&] { return found.handler->answer(call); });
}

HttpResponse Api::handle(const HttpRequest& request) const {
    const auto found = router_.find(request.method, request.path);
    return found.handler == nullptr ? not_routed(request, found) : answer(request, found, {});
}

std::optional<HttpResponse> Api::handle(const HttpRequest& request, const Later& later) {
    auto found = router_.find(request.method, request.path);
    if (found.handler == nullptr) return not_routed(request, found);
    if (!found.handler->is_slow || !found.handler->is_slow(request)) return answer(request, found, {});
    auto responder = std::make_shared<Responder>(later());
    const bool taken = pool_.offer([this, request, responder, found = std::move(found)] {
        (*responder)(answer(request, found, responder->stop_token()));
    });
    if (!taken) (*responder)(overloaded());
    return std::nullopt;
}

}  // namespace crowfly
