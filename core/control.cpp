#include "core/control.h"

#include "core/error.h"

namespace crowfly {

void Control::check() const {
    if (stop.stop_requested()) throw Error(Code::cancelled, "the work was cancelled");
    if (deadline && std::chrono::steady_clock::now() >= *deadline) {
        throw Error(Code::deadline_exceeded, "the deadline has passed before the work was done");
    }
}

}  // namespace crowfly
