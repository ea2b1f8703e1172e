#pragma once

#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace crowfly::tests {

/// While one of these lives, the process may do no more with files than an ordinary user, also when the tests
/// are run by the administrator, whom permissions do not stop.
class Unprivileged {
  public:
    Unprivileged() {
        constexpr uid_t kNobody = 65534;
        if (privileged_) changed_ = ::seteuid(kNobody) == 0;
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
    ~Unprivileged() {
        if (changed_) changed_ = ::seteuid(0) != 0;
    }

    bool works() const noexcept { return !privileged_ || changed_; }

  private:
    bool privileged_ = ::geteuid() == 0;
    bool changed_ = false;
};

/// Makes a file or directory of this test one that the ordinary user owns, with these permissions.
inline bool give_away(const std::string& path, mode_t permissions) {
    constexpr uid_t kNobody = 65534;
    const bool given = ::geteuid() != 0 || ::chown(path.c_str(), kNobody, kNobody) == 0;
    return given && ::chmod(path.c_str(), permissions) == 0;
}

}  // namespace crowfly::tests
