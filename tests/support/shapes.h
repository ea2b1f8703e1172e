#pragma once

#include <string>
#include <vector>

#include "core/lonlat.h"

namespace crowfly::tests {

/// Points that are hard for an index, and queries that are hard for them.
struct Shape {
    std::string name;
    std::vector<LonLat> points;
    std::vector<LonLat> queries;
};

/// Point sets on WGS84, chosen to hurt: every tree size around a border, ties of every kind, and the places
/// where longitude and latitude misbehave. The same on every run with the same seed.
std::vector<Shape> hurtful_shapes();

}  // namespace crowfly::tests
