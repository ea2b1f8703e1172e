#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace crowfly {

/// Memory for an index, aligned to cache lines; where it is large, in huge pages if the system has them, as
/// searches jump about in it and would wait for the translation of addresses. Not initialised.
std::shared_ptr<std::byte[]> index_memory(std::size_t bytes);

}  // namespace crowfly
