#pragma once

#include <string>
#include <string_view>

#include "store/collection.h"

namespace crowfly {

/// A neighbor's place in the order (distance, id) as a text of letters, digits, `-` and `_`, from which it
/// comes back to the last bit: for the link to the next page. It names nothing that is kept anywhere.
std::string to_token(const NeighborKey& key);

/// Throws Error(malformed) for a text that `to_token` does not make.
NeighborKey neighbor_key(std::string_view token);

}  // namespace crowfly
