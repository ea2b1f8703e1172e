#pragma once

#include <string>
#include <string_view>

#include "core/metric/metric.h"
#include "formats/geojson_writer.h"
#include "store/live_neighbors.h"

namespace crowfly {

// A subscription as Server-Sent Events (WHATWG, "HTML", section 9.2, text/event-stream). Each function
// appends a whole event.

/// News as an event whose id is the sequence number, so that it comes back as Last-Event-ID; a client that
/// connects anew gets the whole answer, whatever that says. The first is `answer`, with a FeatureCollection:
///
///     event: answer
///     id: 17
///     data: {"type":"FeatureCollection","features":[...]}
///
/// The others are `change`, with all that leads from the last answer to this one: Features as in the answer
/// under `entered`, `moved` and `changed`; ids under `left`; and under `reordered` the ids of those of which
/// nothing but the rank has changed, with that. An empty one of these is left out.
///
///     event: change
///     id: 19
///     data: {"left":["a"],"entered":[{"type":"Feature",...}],"reordered":[{"id":"b","rank":2}]}
void write_live_event(std::string& out, const NeighborNews& news, MetricKind metric, Decimals decimals);

/// That there will be no more: an event `problem` with a problem+json.
void write_live_problem(std::string& out, std::string_view problem_json);

/// How long a client is to wait before it connects again, in milliseconds.
void write_live_retry(std::string& out, int milliseconds);

/// A comment, which keeps a connection from looking idle.
void write_live_heartbeat(std::string& out);

}  // namespace crowfly
