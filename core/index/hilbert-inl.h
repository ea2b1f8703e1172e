// A Hilbert curve over each metric's positions, in vectors. Highway compiles this once for each kind of
// processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_INDEX_HILBERT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_INDEX_HILBERT_INL_H
#undef CROWFLY_CORE_INDEX_HILBERT_INL_H
#else
#define CROWFLY_CORE_INDEX_HILBERT_INL_H
#endif

#include <hwy/highway.h>

#include "core/metric/lanes-inl.h"
#include "core/metric/plane.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

/// Where the plane has a position in which the curve runs: for the metric plane it is that plane.
HWY_INLINE void unfold(Plane /*metric*/, Lanes& /*x*/, Lanes& /*y*/) {}

/// The earth is an octahedron, unfolded into the square from -1 to 1 in both coordinates: the north pole in
/// its middle, the south pole in its corners; equal steps in longitude and latitude are equal steps there. So
/// the poles and the antimeridian are places like any other, save that south of the equator the square is cut
/// along four meridians.
template <class Metric>
HWY_INLINE void unfold(Metric /*metric*/, Lanes& lon, Lanes& lat) {
    const Lanes::Tag tag;
    const auto one = hn::Set(tag, 1.0);
    const auto turn = hn::Mul(lon.vector(), hn::Set(tag, 1.0 / 90));  // in quarters, -2 to 2
    const auto height = hn::Mul(lat.vector(), hn::Set(tag, 1.0 / 90));
    const auto radius = hn::Sub(one, hn::Abs(height));
    const auto from_zero = hn::Sub(one, hn::Abs(turn));
    const auto x = hn::Mul(radius, from_zero);
    const auto y = hn::Mul(radius, hn::CopySign(hn::Sub(one, hn::Abs(from_zero)), turn));
    const auto north = hn::Ge(height, hn::Zero(tag));
    lon = Lanes(hn::IfThenElse(north, x, hn::CopySign(hn::Sub(one, hn::Abs(y)), x)));
    lat = Lanes(hn::IfThenElse(north, y, hn::CopySign(hn::Sub(one, hn::Abs(x)), y)));
}

/// How far along the curve the cells (x, y) of a grid of 2^12 by 2^12 are. D. Hilbert, "Ueber die stetige
/// Abbildung einer Linie auf ein Flaechenstueck", Mathematische Annalen 38 (1891), doi:10.1007/BF01199431:
/// each quarter of a square holds a curve of half its size, the first turned over one diagonal and the last
/// over the other.
template <class Tag, class V = hn::Vec<Tag>>
HWY_INLINE V hilbert(Tag tag, V x, V y) {
    V place = hn::Zero(tag);
    const V one = hn::Set(tag, 1);
    for (int bit = 11; bit >= 0; --bit) {
        const V right = hn::And(hn::ShiftRightSame(x, bit), one);
        const V upper = hn::And(hn::ShiftRightSame(y, bit), one);
        const V quarter = hn::Xor(hn::Add(right, hn::Add(right, right)), upper);
        place = hn::Add(hn::ShiftLeft<2>(place), quarter);
        const V is_lower = hn::Sub(upper, one);                              // all bits, or none
        const V is_last = hn::And(is_lower, hn::Sub(hn::Zero(tag), right));  // all bits, or none
        const V swapped = hn::And(hn::Xor(x, y), is_lower);
        x = hn::Xor(hn::Xor(x, swapped), is_last);
        y = hn::Xor(hn::Xor(y, swapped), is_last);
    }
    return place;
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
