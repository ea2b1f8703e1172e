#pragma once

#include "service/api.h"
#include "service/jobs.h"

namespace crowfly {

/// What long requests have begun, for those who may read the collection that it is about:
///
///     GET    /jobs
///     GET    /jobs/{id}              how far it is
///     GET    /jobs/{id}/{product}    what it has made, such as the rejects of an import
///     DELETE /jobs/{id}              ends it
///
/// `jobs` must outlive the router.
void add_job_endpoints(ApiRouter& router, const Jobs& jobs);

/// The reply to a request that has begun a job: 202, where it is, and how far.
HttpResponse job_begun(const HttpRequest& request, const std::string& id, const Job& job);

}  // namespace crowfly
