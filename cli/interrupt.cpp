#include "cli/interrupt.h"

#include <atomic>

#include "core/error.h"

namespace crowfly {
namespace {

// A signal handler can reach nothing but this.
std::atomic<bool> signalled = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int /*signal*/) {
    signalled = true;
}

}  // namespace

Interrupt::Interrupt() {
    struct sigaction action {};
    action.sa_handler = note;  // without SA_RESTART
    ::sigaction(SIGINT, nullptr, &previous_interrupt_);
    // Within another one's life a signal that it has noted must not be forgotten.
    if (previous_interrupt_.sa_handler != note) signalled = false;
    ::sigaction(SIGINT, &action, &previous_interrupt_);
    ::sigaction(SIGTERM, &action, &previous_terminate_);
    ::sigaction(SIGHUP, &action, &previous_hangup_);
    // A program that was started to outlive its terminal does.
    if (previous_hangup_.sa_handler == SIG_IGN) ::sigaction(SIGHUP, &previous_hangup_, nullptr);
}

Interrupt::~Interrupt() {
    ::sigaction(SIGINT, &previous_interrupt_, nullptr);
    ::sigaction(SIGTERM, &previous_terminate_, nullptr);
    ::sigaction(SIGHUP, &previous_hangup_, nullptr);
}

void Interrupt::check() {
    if (signalled) throw Error(Code::cancelled, "interrupted; nothing was changed");
}

bool Interrupt::noted() noexcept {
    return signalled;
}

}  // namespace crowfly
