#include "formats/rejects.h"

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {

std::string Reject::message() const {
    std::string message = file;
    if (line > 0) message += fmt::format(":{}", line);
    if (!column.empty()) message += ": " + column;
    return message + ": " + reason;
}

void Rejects::add(Reject reject) {
    if (each_) each_(reject);
    if (policy_ == OnError::abort) throw Error(Code::malformed, reject.message());
    count_.fetch_add(1, std::memory_order_relaxed);
    if (first_.size() == kKept) return;
    reject.row.clear();  // those who want rows have had it
    first_.push_back(std::move(reject));
}

}  // namespace crowfly
