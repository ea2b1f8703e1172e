#include "service/job_endpoints.h"

#include <fmt/format.h>

#include "service/links.h"
#include "service/media_types.h"
#include "service/query_parameters.h"

namespace crowfly {
namespace {

std::string job_url(const HttpRequest& request, const std::string& id) {
    return base_url(request) + "/jobs/" + id;
}

void write_job(JsonWriter& json, const HttpRequest& request, const std::string& id, const Job& job) {
    json.begin_object().key("id").string(id).key("kind").string(job.kind());
    json.key("collection").string(job.collection());
    job.write_status(json);
    json.key("links").begin_array();
    write_link(json, "self", media_type::kJson, job_url(request, id));
    json.end_array().end_object();
}

/// One of which the principal may not know is as if it were not there.
std::shared_ptr<Job> require_job(const Jobs& jobs, const Call& call) {
    auto job = jobs.find(call.values[0]);
    if (job && call.principal.may(Role::reader, job->collection())) return job;
    throw Error(Code::not_found, fmt::format("there is no job \"{}\", or no longer", shown(call.values[0])));
}

HttpResponse list_jobs(const Jobs& jobs, const Call& call) {
    require_no_parameters(call.request.query);
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("jobs").begin_array();
    for (const auto& [id, job] : jobs.list()) {
        if (call.principal.may(Role::reader, job->collection())) write_job(json, call.request, id, *job);
    }
    json.end_array().key("links").begin_array();
    write_link(json, "self", media_type::kJson, base_url(call.request) + "/jobs");
    json.end_array().end_object();
    return response;
}

HttpResponse job_status(const Jobs& jobs, const Call& call) {
    require_no_parameters(call.request.query);
    const auto job = require_job(jobs, call);
    HttpResponse response;
    JsonWriter json(response.body);
    write_job(json, call.request, call.values[0], *job);
    return response;
}

HttpResponse job_product(const Jobs& jobs, const Call& call) {
    const auto job = require_job(jobs, call);
    const bool had_ended = job->has_ended();
    if (auto product = job->product(call.values[1])) return *std::move(product);
    if (!had_ended)
        throw Error(Code::conflict, "the job has not ended yet; what it makes can be had when it has");
    throw Error(Code::not_found,
                fmt::format("the job has made no \"{}\", or it is no longer there", shown(call.values[1])));
}

HttpResponse cancel_job(const Jobs& jobs, const Call& call) {
    require_no_parameters(call.request.query);
    const auto job = require_job(jobs, call);
    if (!call.principal.may(job->needed_to_cancel(), job->collection())) {
        throw Error(Code::permission_denied,
                    fmt::format("to end this job takes the role {}", name(job->needed_to_cancel())));
    }
    job->cancel();
    return {.status = 204, .content_type = ""};
}

}  // namespace

void add_job_endpoints(ApiRouter& router, const Jobs& jobs) {
    router.add("GET", "/jobs", {.answer = [&](const Call& call) { return list_jobs(jobs, call); }});
    router.add("GET", "/jobs/{id}", {.answer = [&](const Call& call) { return job_status(jobs, call); }});
    router.add("DELETE", "/jobs/{id}", {.answer = [&](const Call& call) { return cancel_job(jobs, call); }});
    router.add("GET", "/jobs/{id}/{product}",
               {.answer = [&](const Call& call) { return job_product(jobs, call); },
                .lane = [](const HttpRequest&) { return Lane::bulk; },
                .is_timed = false});
}

HttpResponse job_begun(const HttpRequest& request, const std::string& id, const Job& job) {
    HttpResponse response{.status = 202, .headers = {{"Location", job_url(request, id)}}};
    JsonWriter json(response.body);
    write_job(json, request, id, job);
    return response;
}

}  // namespace crowfly
