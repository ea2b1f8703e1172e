#pragma once

#include "core/control.h"
#include "core/executor.h"

namespace crowfly {

/// Another executor, whose tasks ask a Control before they begin: so that work which knows of none, such as
/// the build of an index, can be given up too.
class ControlledExecutor final : public Executor {
  public:
    /// Both must outlive it.
    ControlledExecutor(Executor& executor, const Control& control) : executor_(executor), control_(control) {}

    std::size_t width() const noexcept override { return executor_.width(); }

    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        executor_.run(count, [&](std::size_t number) {
            control_.check();
            task(number);
        });
    }

  private:
    Executor& executor_;
    const Control& control_;
};

}  // namespace crowfly
