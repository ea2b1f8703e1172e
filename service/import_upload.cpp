#include "service/import_upload.h"

#include <utility>

#include "core/error.h"
#include "service/job_endpoints.h"

namespace crowfly {
namespace {

class FeedingUpload final : public ImportUpload {
  public:
    FeedingUpload(ImportService::Begun begun, Idempotency::Attempt attempt)
        : import_(std::move(begun)), attempt_(std::move(attempt)) {}

    /// Nothing when it is finished.
    ~FeedingUpload() override {
        import_.feed->fail(
            std::make_exception_ptr(Error(Code::cancelled, "the client left before the body was whole")));
    }

    bool offer(std::string& piece, std::function<void()> when_room) override {
        return import_.feed->offer(piece, std::move(when_room));
    }

    void finish() override { import_.feed->finish(); }

    HttpResponse reply(const HttpRequest& request) override {
        HttpResponse response = job_begun(request, import_.id, *import_.job);
        attempt_.finish(response);
        return response;
    }

  private:
    ImportService::Begun import_;
    Idempotency::Attempt attempt_;
};

class RepeatedUpload final : public ImportUpload {
  public:
    explicit RepeatedUpload(HttpResponse reply) : reply_(std::move(reply)) {}

    bool offer(std::string& /*piece*/, std::function<void()> /*when_room*/) override { return true; }
    void finish() override {}
    HttpResponse reply(const HttpRequest& /*request*/) override { return reply_; }

  private:
    HttpResponse reply_;
};

}  // namespace

std::unique_ptr<ImportUpload> feeding_upload(ImportService::Begun begun, Idempotency::Attempt attempt) {
    return std::make_unique<FeedingUpload>(std::move(begun), std::move(attempt));
}

std::unique_ptr<ImportUpload> repeated_upload(HttpResponse reply) {
    return std::make_unique<RepeatedUpload>(std::move(reply));
}

}  // namespace crowfly
