#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "service/problem.h"

namespace crowfly {

/// What is wrong with a body of many records: the first faults, and how many more there are.
class RequestFaults {
  public:
    static constexpr std::size_t kMost = 20;

    void add(RequestFault fault) {
        if (faults_.size() < kMost)
            faults_.push_back(std::move(fault));
        else
            ++more_;
    }

    bool are_none() const noexcept { return faults_.empty(); }

    /// Throws InvalidRequest unless there are none.
    void finish() {
        if (faults_.empty()) return;
        if (more_ != 0) faults_.push_back({.detail = fmt::format("and {} more", more_)});
        throw InvalidRequest(std::move(faults_));
    }

  private:
    std::vector<RequestFault> faults_;
    std::size_t more_ = 0;
};

}  // namespace crowfly
