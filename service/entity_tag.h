#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/place.h"
#include "service/http.h"

namespace crowfly {

/// A strong entity tag (RFC 9110, 8.8.3), quotes included, of a place: of all that GeoJSON shows of it.
/// `feature_members` is what `write_feature_members` has made.
std::string entity_tag(std::string_view feature_members);
std::string entity_tag(const Place& place);

/// What a request makes conditions of: the state of what it is about.
class Preconditions {
  public:
    /// Reads If-Match and If-None-Match. Throws Error(malformed) when they are no lists of entity tags.
    explicit Preconditions(const HttpRequest& request);

    /// Throws StatusError (412) unless both hold; `tag` is nothing when there is no such thing as yet.
    void require(const std::optional<std::string>& tag) const;

    /// Of a request that only reads: throws likewise for If-Match; whether If-None-Match says that the client
    /// has it already.
    bool is_known(const std::string& tag) const;

    /// Whether nothing depends on the state.
    bool are_none() const noexcept { return !if_match_ && !if_none_match_; }

  private:
    struct Tags {
        bool any = false;  ///< `*`
        std::vector<std::string> tags = {};

        bool name(const std::optional<std::string>& tag, bool weakly) const;
    };

    static std::optional<Tags> read(const HttpRequest& request, std::string_view field);
    void require_match(const std::optional<std::string>& tag) const;

    std::optional<Tags> if_match_;
    std::optional<Tags> if_none_match_;
};

}  // namespace crowfly
