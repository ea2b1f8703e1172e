#include "core/join/piece_columns.h"

#include <algorithm>
#include <bit>

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/join/piece_columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

template <std::size_t D>
void find(const PieceColumns<D>& pieces, const std::array<double, D>& point, double distance,
          std::vector<PieceBound>& found) {
    const hn::CappedTag<double, PieceColumns<D>::kVector> tag;
    using V = hn::Vec<decltype(tag)>;
    const V zero = hn::Zero(tag);
    const V one = hn::Set(tag, 1.0);
    alignas(64) double leasts[PieceColumns<D>::kVector];
    found.clear();
    for (std::size_t i = 0; i < pieces.count; i += hn::Lanes(tag)) {
        V gap[D], along[D];
        V dot = zero;
        for (std::size_t d = 0; d < D; ++d) {
            gap[d] = hn::Sub(hn::Set(tag, point[d]), hn::LoadU(tag, pieces.from[d].data() + i));
            along[d] = hn::LoadU(tag, pieces.along[d].data() + i);
            dot = hn::Add(dot, hn::Mul(along[d], gap[d]));
        }
        const V share = hn::Div(dot, hn::LoadU(tag, pieces.along2.data() + i));
        const V foot = hn::Min(hn::Max(share, zero), one);
        V square = zero;
        for (std::size_t d = 0; d < D; ++d) {
            const V across = hn::Sub(gap[d], hn::Mul(foot, along[d]));
            square = hn::Add(square, hn::Mul(across, across));
        }
        const V least = hn::Sub(hn::Sqrt(square), hn::LoadU(tag, pieces.bulge.data() + i));
        const auto near = hn::AndNot(hn::Gt(least, hn::Set(tag, distance)),
                                     hn::FirstN(tag, std::min(hn::Lanes(tag), pieces.count - i)));
        std::uint8_t bits[8] = {};  // as many as StoreMaskBits may write
        hn::StoreMaskBits(tag, near, bits);
        if (bits[0] == 0) continue;
        hn::Store(least, tag, leasts);
        for (unsigned rest = bits[0]; rest != 0; rest &= rest - 1) {
            const auto lane = static_cast<std::size_t>(std::countr_zero(rest));
            found.push_back({std::max(0.0, leasts[lane]), i + lane});
        }
    }
}

void find_2(const PieceColumns<2>& pieces, const std::array<double, 2>& point, double distance,
            std::vector<PieceBound>& found) {
    find(pieces, point, distance, found);
}
void find_3(const PieceColumns<3>& pieces, const std::array<double, 3>& point, double distance,
            std::vector<PieceBound>& found) {
    find(pieces, point, distance, found);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(find_2);
HWY_EXPORT(find_3);

void find_within(const PieceColumns<2>& pieces, const std::array<double, 2>& point, double distance,
                 std::vector<PieceBound>& found) {
    HWY_DYNAMIC_DISPATCH(find_2)(pieces, point, distance, found);
}
void find_within(const PieceColumns<3>& pieces, const std::array<double, 3>& point, double distance,
                 std::vector<PieceBound>& found) {
    HWY_DYNAMIC_DISPATCH(find_3)(pieces, point, distance, found);
}

}  // namespace crowfly
#endif  // HWY_ONCE
