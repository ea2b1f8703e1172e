#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "service/auth/api_key.h"
#include "service/auth/principal.h"

namespace crowfly {

/// What is kept of a key: not the key, but its hash.
struct KeyRecord {
    std::string id;
    std::string name;  ///< for people: who has it, what for
    Role role = Role::reader;
    std::vector<std::string> collections;                          ///< what it is restricted to; empty: all
    std::chrono::system_clock::time_point created;                 ///< in whole seconds
    std::optional<std::chrono::system_clock::time_point> expires;  ///< it is good until then, exclusively
    KeyHash hash{};
};

/// The keys of a file, oldest first. A key file is JSON, one line for each key:
///
///     {"crowfly_keys": 1, "keys": [
///     {"id": "4f0c1a2b3c4d", "name": "map", "role": "reader", "collections": [], "created":
///     "2026-11-21T19:46:03Z",
///      "expires": null, "sha256": "..."}
///     ]}
///
/// Throws Error(not_found, permission_denied or io) when it cannot be read, Error(permission_denied) when
/// everybody may write it, and Error(malformed) for what is no key file.
std::vector<KeyRecord> read_key_file(const std::string& path);

struct NewKey {
    std::string name = {};
    Role role = Role::reader;
    std::vector<std::string> collections = {};
    std::optional<std::chrono::system_clock::time_point> expires = {};
};

/// Makes a key and adds it to the file, which is made, for its owner alone, when it is not there. The file is
/// replaced as a whole, and those who change it at the same time take turns. The text of the key is only to
/// be had here. Throws as `read_key_file`, and Error(invalid_argument) when it would be expired already.
ApiKey add_key(const std::string& path, const NewKey& key, std::chrono::system_clock::time_point now);

/// Takes the key out of the file. Throws as `read_key_file`, and Error(not_found) when there is none of that
/// id.
void revoke_key(const std::string& path, const std::string& id);

}  // namespace crowfly
