#include "cli/interrupt.h"

#include "core/error.h"

namespace crowfly {
namespace {

// A signal handler can reach nothing but this.
volatile sig_atomic_t signalled = 0;

void note(int /*signal*/) {
    signalled = 1;
}

}  // namespace

Interrupt::Interrupt() {
    signalled = 0;
    struct sigaction action {};
    action.sa_handler = note;  // without SA_RESTART
    ::sigaction(SIGINT, &action, &previous_interrupt_);
    ::sigaction(SIGTERM, &action, &previous_terminate_);
}

Interrupt::~Interrupt() {
    ::sigaction(SIGINT, &previous_interrupt_, nullptr);
    ::sigaction(SIGTERM, &previous_terminate_, nullptr);
}

void Interrupt::check() {
    if (signalled != 0) throw Error(Code::cancelled, "interrupted; nothing was changed");
}

}  // namespace crowfly
