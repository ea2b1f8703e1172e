#include "core/join/plane_distances.h"

#include <limits>

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/join/plane_distances.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/metric/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

HWY_INLINE Lanes least(Lanes a, Lanes b) {
    return Lanes(hn::Min(a.vector(), b.vector()));
}
HWY_INLINE Lanes greatest(Lanes a, Lanes b) {
    return Lanes(hn::Max(a.vector(), b.vector()));
}

struct Points {
    Lanes x, y;
};

HWY_INLINE Lanes square_to(const Points& q, Lanes x, Lanes y) {
    const Lanes gap_x = q.x - x, gap_y = q.y - y;
    return gap_x * gap_x + gap_y * gap_y;
}

/// The square of the distance of one piece, by the operations of nearest_within<Plane> and Plane::distance in
/// their order.
HWY_INLINE Lanes square_to(const Points& q, const PieceBundle<2>& bundle, std::size_t i) {
    const Lanes from_x(bundle.from[0][i]), from_y(bundle.from[1][i]);
    const Lanes to_x(bundle.to[0][i]), to_y(bundle.to[1][i]);
    const double dx = bundle.to[0][i] - bundle.from[0][i];
    const double dy = bundle.to[1][i] - bundle.from[1][i];
    const double length2 = dx * dx + dy * dy;
    if (!(length2 > 0)) return least(square_to(q, from_x, from_y), square_to(q, to_x, to_y));
    const Lanes share = ((q.x - from_x) * Lanes(dx) + (q.y - from_y) * Lanes(dy)) / Lanes(length2);
    Lanes x = from_x + share * Lanes(dx), y = from_y + share * Lanes(dy);
    const Lanes zero(0.0), one(1.0);
    x = if_less(share, one, x, to_x);
    y = if_less(share, one, y, to_y);
    x = if_less(zero, share, x, from_x);
    y = if_less(zero, share, y, from_y);
    return square_to(q, x, y);
}

/// The k-th least of the values of each lane.
class KthLeast {
  public:
    HWY_INLINE explicit KthLeast(std::size_t k) : k_(k) {
        for (std::size_t i = 0; i < k_; ++i) least_[i] = Lanes(kNever);
    }
    HWY_INLINE void insert(Lanes value) {
        for (std::size_t i = k_ - 1; i > 0; --i) {
            least_[i] = least(least_[i], greatest(least_[i - 1], value));
        }
        least_[0] = least(least_[0], value);
    }
    HWY_INLINE Lanes kth() const { return least_[k_ - 1]; }

  private:
    std::size_t k_;
    Lanes least_[kMostOfBlock];
};

/// The squares beyond which nothing can come before the k-th shape, or tie with it.
HWY_INLINE Lanes limits(const Points& q, const PieceBundles<2>& bundles, std::span<const BundleRange> shapes,
                        std::size_t k) {
    KthLeast kth(k);
    for (const BundleRange& shape : shapes) {
        Lanes most(kNever);
        for (std::uint32_t i = shape.begin; i < shape.end; ++i) {
            const Lanes way = sqrt(square_to(q, Lanes(bundles.end(0)[i]), Lanes(bundles.end(1)[i])));
            most = least(most, way + Lanes(bundles.bulge()[i]));
        }
        kth.insert(most);
    }
    // Rounding of squares and gaps, and the least numbers, say nothing.
    return kth.kth() * kth.kth() * Lanes(1 + 1e-12) + Lanes(std::numeric_limits<double>::min());
}

HWY_INLINE Lanes gap_square(const Points& q, const PieceBundles<2>& bundles, std::uint32_t i) {
    const Lanes zero(0.0);
    const Lanes x = greatest(greatest(Lanes(bundles.low(0)[i]) - q.x, q.x - Lanes(bundles.high(0)[i])), zero);
    const Lanes y = greatest(greatest(Lanes(bundles.low(1)[i]) - q.y, q.y - Lanes(bundles.high(1)[i])), zero);
    return x * x + y * y;
}

HWY_INLINE bool any_at_most(Lanes a, Lanes b) {
    return !hn::AllFalse(Lanes::Tag(), hn::Le(a.vector(), b.vector()));
}

std::uint64_t measure(const PointBlock& points, const PieceBundles<2>& bundles,
                      std::span<const BundleRange> shapes, std::size_t k, double* distances) {
    const Lanes::Tag tag;
    std::uint64_t measured = 0;
    for (std::size_t lane = 0; lane < PointBlock::kRoom; lane += Lanes::kCount) {
        const Points q{Lanes(hn::Load(tag, &points.x[lane])), Lanes(hn::Load(tag, &points.y[lane]))};
        const Lanes limit = limits(q, bundles, shapes, k);
        double* of_shape = distances + lane;
        for (const BundleRange& shape : shapes) {
            Lanes square(kNever);
            for (std::uint32_t i = shape.begin; i < shape.end; ++i) {
                if (!any_at_most(gap_square(q, bundles, i), limit)) continue;
                const PieceBundle<2>& bundle = bundles[i];
                measured += bundle.count * Lanes::kCount;
                for (std::uint32_t piece = 0; piece < bundle.count; ++piece) {
                    square = least(square, square_to(q, bundle, piece));
                }
            }
            // The root of the least is the least of the roots.
            hn::StoreU(sqrt(square).vector(), tag, of_shape);
            of_shape += PointBlock::kRoom;
        }
    }
    return measured;
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(measure);

std::uint64_t measure_block(const PointBlock& points, const PieceBundles<2>& bundles,
                            std::span<const BundleRange> shapes, std::size_t k, std::span<double> distances) {
    return HWY_DYNAMIC_DISPATCH(measure)(points, bundles, shapes, k, distances.data());
}

}  // namespace crowfly
#endif  // HWY_ONCE
