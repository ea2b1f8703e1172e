#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "service/http.h"

namespace crowfly {

/// Takes the body of a request as it arrives, so that it need not be in memory as a whole.
class Upload {
  public:
    Upload() = default;
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;

    /// Destroyed before `finish` when the client broke off.
    virtual ~Upload() = default;

    /// Takes the piece and returns true; or leaves it and returns false. Then `when_room` is called once, in
    /// any thread, as soon as it may be offered again.
    virtual bool offer(std::string& piece, std::function<void()> when_room) = 0;

    /// The body is there whole.
    virtual void finish() = 0;
};

/// What is to become of a request whose header is there.
struct Admission {
    std::size_t most_body_bytes = 0;
    std::shared_ptr<Upload> upload = {};       ///< when set, takes the body
    std::optional<HttpResponse> refusal = {};  ///< when set, the reply; the body is not read
    std::shared_ptr<RequestNotes> notes = {};  ///< to be kept with the request
};

/// By which a reply comes later. Whoever has it keeps the request, whose views stay valid.
class Responder {
  public:
    /// What a connection does with a reply. All may be called from any thread.
    class Target {
      public:
        Target() = default;
        Target(const Target&) = delete;
        Target& operator=(const Target&) = delete;
        virtual ~Target() = default;

        virtual void reply_later(HttpResponse response) = 0;
        virtual std::stop_token stop_token() const = 0;

        /// Lets go of itself, in the thread that it belongs to.
        virtual void release(std::shared_ptr<Target> self) noexcept = 0;
    };

    explicit Responder(std::shared_ptr<Target> target) : target_(std::move(target)) {}
    Responder(Responder&&) = default;
    Responder& operator=(Responder&&) = delete;
    ~Responder();

    /// Once, from any thread. One that is destroyed without having been called replies with 500.
    void operator()(HttpResponse response);

    /// Requested when nobody waits for the reply any more.
    std::stop_token stop_token() const { return target_->stop_token(); }

  private:
    std::shared_ptr<Target> target_;
    bool replied_ = false;
};

/// Makes the responder of a request that is not answered at once.
using Later = std::function<Responder()>;

/// What the server asks of those who answer. Called on any of the server's threads; what takes long must be
/// done elsewhere.
class RequestHandler {
  public:
    RequestHandler() = default;
    RequestHandler(const RequestHandler&) = delete;
    RequestHandler& operator=(const RequestHandler&) = delete;
    virtual ~RequestHandler() = default;

    /// Judges the header, before the body is read.
    virtual Admission admit(const HttpRequest& request) = 0;

    /// The reply; or nothing, when it has called `later` and the reply comes by that.
    virtual std::optional<HttpResponse> handle(const HttpRequest& request, const Later& later) = 0;

    /// A reply was made. `took` is from the whole request to there.
    virtual void replied(const HttpRequest& /*request*/, const HttpResponse& /*response*/,
                         std::chrono::nanoseconds /*took*/) noexcept {}
};

}  // namespace crowfly
