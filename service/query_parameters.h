#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/lonlat.h"
#include "service/problem.h"

namespace crowfly {

/// The text that percent-encoding stands for; nothing when that is malformed, or not UTF-8. In a query `+`
/// stands for a space.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

/// Text with everything percent-encoded that is not unreserved (RFC 3986, 2.3).
std::string percent_encoded(std::string_view text);

/// A parameter as it stands in a query.
struct RawParameter {
    std::string_view text;
    std::string_view name;
    std::string_view value;
};

/// Takes the first parameter off a query that is not empty; it is empty between two `&`.
RawParameter take_parameter(std::string_view& query);

/// The query of a target, `a=1&b=2`: each name at most once. What is wrong with it is gathered, so that a
/// client is told all of it at once.
///
///     QueryParameters query(request.query, {"lon", "lat", "k"});
///     const double lon = query.required_number("lon", -180, 180);
///     query.finish();
class QueryParameters {
  public:
    /// A name that is not known is a fault.
    QueryParameters(std::string_view query, const std::vector<std::string_view>& known);

    std::optional<std::string> text(std::string_view name) const;

    /// Nothing when it is absent or, with a fault, not a finite number from `least` to `most`.
    std::optional<double> number(std::string_view name, double least, double most);
    double required_number(std::string_view name, double least, double most);

    /// Likewise a whole number.
    std::optional<std::size_t> whole(std::string_view name, std::size_t least, std::size_t most);

    /// The same, but a number that is too large is taken as `most`, as OGC API has it for limits.
    std::optional<std::size_t> whole_up_to(std::string_view name, std::size_t least, std::size_t most);

    /// "true" or "false"; false when it is absent.
    bool flag(std::string_view name);

    /// One of the names; nothing when it is absent or, with a fault, another.
    std::optional<std::string> one_of(std::string_view name, std::initializer_list<std::string_view> names);

    void fault(std::string_view name, std::string detail);

    /// Throws InvalidRequest with all faults, if there are any.
    void finish();

  private:
    std::vector<std::pair<std::string, std::string>> values_;
    std::vector<RequestFault> faults_;
};

/// Of what is asked without any parameter but `f`, by which clients may name the format that there is anyway:
/// throws InvalidRequest for any other.
void require_no_parameters(std::string_view query);

}  // namespace crowfly
