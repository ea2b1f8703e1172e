// Vectors of doubles as a number, so that a formula is written once for scalars and for vectors. Highway
// compiles this once for each kind of processor, so there is no `#pragma once`.

#if defined(CROWFLY_CORE_METRIC_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CROWFLY_CORE_METRIC_LANES_INL_H
#undef CROWFLY_CORE_METRIC_LANES_INL_H
#else
#define CROWFLY_CORE_METRIC_LANES_INL_H
#endif

#include <bit>
#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Up to 8 doubles. Only operations that are rounded correctly are here, so each lane has the bits that the
/// scalar has.
class Lanes {
  public:
    using Tag = hn::CappedTag<double, 8>;
    using Vector = hn::Vec<Tag>;
    static constexpr std::size_t kCount = hn::MaxLanes(Tag());

    HWY_INLINE Lanes() : Lanes(0.0) {}
    HWY_INLINE Lanes(double value) : v_(hn::Set(Tag(), value)) {}
    HWY_INLINE explicit Lanes(Vector v) : v_(v) {}
    HWY_INLINE Vector vector() const { return v_; }

    friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return Lanes(hn::Add(a.v_, b.v_)); }
    friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return Lanes(hn::Sub(a.v_, b.v_)); }
    friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return Lanes(hn::Mul(a.v_, b.v_)); }
    friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return Lanes(hn::Div(a.v_, b.v_)); }
    friend HWY_INLINE Lanes sqrt(Lanes a) { return Lanes(hn::Sqrt(a.v_)); }

    /// yes where a < b, else no.
    friend HWY_INLINE Lanes if_less(Lanes a, Lanes b, Lanes yes, Lanes no) {
        return Lanes(hn::IfThenElse(hn::Lt(a.v_, b.v_), yes.v_, no.v_));
    }

    /// Whether a < b in any lane.
    friend HWY_INLINE bool any_less(Lanes a, Lanes b) { return !hn::AllFalse(Tag(), hn::Lt(a.v_, b.v_)); }

  private:
    Vector v_;
};

HWY_INLINE bool any_less(double a, double b) {
    return a < b;
}

/// By bits, because which way it goes is often as good as random, and a branch would be mispredicted.
HWY_INLINE double if_less(double a, double b, double yes, double no) {
    const std::uint64_t mask = -static_cast<std::uint64_t>(a < b);
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(yes) & mask) |
                                 (std::bit_cast<std::uint64_t>(no) & ~mask));
}

}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
