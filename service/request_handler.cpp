#include "service/request_handler.h"

#include "core/error.h"
#include "service/problem.h"

namespace crowfly {

Responder::~Responder() {
    if (target_ == nullptr) return;
    try {
        if (!replied_) (*this)(problem_of(Error(Code::internal, "the request was given up")));
    } catch (...) {
        // No memory for a reply: the connection is let go of below, and with it the client.
    }
    Target& target = *target_;
    target.release(std::move(target_));
}

void Responder::operator()(HttpResponse response) {
    replied_ = true;
    target_->reply_later(std::move(response));
}

}  // namespace crowfly
