#include "service/import_endpoints.h"

#include "core/error.h"
#include "service/import_upload.h"
#include "service/problem.h"

namespace crowfly {
namespace {

/// That too many run is no fault of the service, and worth telling.
ImportService::Begun begin_when_free(ImportService& imports, const ImportRequest& wanted) try {
    return imports.begin(wanted);
} catch (const Error& error) {
    if (error.code() != Code::busy) throw;
    throw StatusError(503, error.what(), {{"Retry-After", "10"}});
}

/// Before the body is there, so that what cannot be done is refused at once.
std::shared_ptr<Upload> begin(const Catalog& catalog, ImportService& imports, Idempotency& replies,
                              const Call& call) {
    imports.require_served();
    const std::string& collection = call.values[0];
    const ImportRequest wanted = ImportRequest::of(call.request, collection, catalog);
    if (!wanted.into && !call.principal.may(Role::admin, collection)) {
        throw Error(Code::permission_denied,
                    "to make a collection takes the role admin; into one that is there writers import");
    }
    Idempotency::Begun begun = replies.begin(call.request, call.principal.id);
    if (begun.reply) return repeated_upload(*std::move(begun.reply));
    return feeding_upload(begin_when_free(imports, wanted), std::move(begun.attempt));
}

HttpResponse answer(const Call& call) {
    auto* const upload = dynamic_cast<ImportUpload*>(call.request.upload.get());
    if (upload == nullptr) throw Error(Code::internal, "an import whose body was not taken");
    return upload->reply(call.request);
}

}  // namespace

void add_import_endpoints(ApiRouter& router, const Catalog& catalog, ImportService& imports,
                          Idempotency& replies) {
    router.add("POST", "/collections/{c}/imports",
               {.answer = answer,
                .needed = Role::writer,
                .most_body_bytes = imports.most_bytes(),
                .upload = [&](const Call& call) { return begin(catalog, imports, replies, call); },
                .is_timed = false});
}

}  // namespace crowfly
