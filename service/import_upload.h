#pragma once

#include <memory>
#include <string>

#include "service/idempotency.h"
#include "service/import_service.h"
#include "service/request_handler.h"

namespace crowfly {

/// The body of an import on its way to the job.
class ImportUpload : public Upload {
  public:
    /// The reply once the body is there whole.
    virtual HttpResponse reply(const HttpRequest& request) = 0;
};

/// One that feeds an import. Destroyed before the end, it ends the import with an error.
std::unique_ptr<ImportUpload> feeding_upload(ImportService::Begun begun, Idempotency::Attempt attempt);

/// One that was sent before: the body is dropped.
std::unique_ptr<ImportUpload> repeated_upload(HttpResponse reply);

}  // namespace crowfly
