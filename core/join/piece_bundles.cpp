#include "core/join/piece_bundles.h"

#include <algorithm>

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/join/piece_bundles.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

template <std::size_t D>
using Columns = std::array<const double*, D>;

template <std::size_t D>
void bound(const Columns<D>& low, const Columns<D>& high, const Columns<D>& end, const double* bulge,
           std::size_t size, const std::array<double, D>& point, double* leasts, double* mosts) {
    const hn::CappedTag<double, 8> tag;
    for (std::size_t i = 0; i < size; i += hn::Lanes(tag)) {
        auto least = hn::Zero(tag);
        auto most = hn::Zero(tag);
        for (std::size_t d = 0; d < D; ++d) {
            const auto at = hn::Set(tag, point[d]);
            const auto below = hn::Sub(hn::LoadU(tag, low[d] + i), at);
            const auto above = hn::Sub(at, hn::LoadU(tag, high[d] + i));
            const auto gap = hn::Max(hn::Max(below, above), hn::Zero(tag));
            const auto way = hn::Sub(at, hn::LoadU(tag, end[d] + i));
            least = hn::Add(least, hn::Mul(gap, gap));
            most = hn::Add(most, hn::Mul(way, way));
        }
        hn::StoreU(least, tag, leasts + i);
        const auto way = hn::Add(hn::Sqrt(most), hn::LoadU(tag, bulge + i));
        hn::StoreU(hn::Mul(way, way), tag, mosts + i);
    }
}

template <std::size_t D>
void measure(std::span<const PieceBundle<D>> bundles, const std::array<double, D>& point,
             std::span<const ChosenBundle> chosen, double* squares) {
    const hn::CappedTag<double, PieceBundle<D>::kRoom> tag;
    const auto zero = hn::Zero(tag);
    const auto one = hn::Set(tag, 1.0);
    constexpr double kLeastSquare = 1e-300;  // the least that may divide
    for (const ChosenBundle& choice : chosen) {
        const PieceBundle<D>& bundle = bundles[choice.bundle];
        for (std::size_t i = 0; i < PieceBundle<D>::kRoom; i += hn::Lanes(tag)) {
            hn::Vec<decltype(tag)> gap[D], along[D];
            auto dot = zero;
            auto along2 = hn::Set(tag, kLeastSquare);
            for (std::size_t d = 0; d < D; ++d) {
                gap[d] = hn::Sub(hn::Set(tag, point[d]), hn::Load(tag, &bundle.from[d][i]));
                along[d] = hn::Sub(hn::Load(tag, &bundle.to[d][i]), hn::Load(tag, &bundle.from[d][i]));
                dot = hn::Add(dot, hn::Mul(along[d], gap[d]));
                along2 = hn::Add(along2, hn::Mul(along[d], along[d]));
            }
            const auto share = hn::Div(dot, along2);
            // So that what is not a number stays none.
            const auto above = hn::IfThenElse(hn::Lt(share, zero), zero, share);
            const auto foot = hn::IfThenElse(hn::Gt(above, one), one, above);
            auto square = zero;
            for (std::size_t d = 0; d < D; ++d) {
                const auto across = hn::Sub(gap[d], hn::Mul(foot, along[d]));
                square = hn::Add(square, hn::Mul(across, across));
            }
            hn::StoreU(square, tag, squares + i);
        }
        squares += PieceBundle<D>::kRoom;
    }
}

void bound_2(const Columns<2>& low, const Columns<2>& high, const Columns<2>& end, const double* bulge,
             std::size_t size, const std::array<double, 2>& point, double* leasts, double* mosts) {
    bound(low, high, end, bulge, size, point, leasts, mosts);
}
void bound_3(const Columns<3>& low, const Columns<3>& high, const Columns<3>& end, const double* bulge,
             std::size_t size, const std::array<double, 3>& point, double* leasts, double* mosts) {
    bound(low, high, end, bulge, size, point, leasts, mosts);
}
void measure_2(std::span<const PieceBundle<2>> bundles, const std::array<double, 2>& point,
               std::span<const ChosenBundle> chosen, double* squares) {
    measure(bundles, point, chosen, squares);
}
void measure_3(std::span<const PieceBundle<3>> bundles, const std::array<double, 3>& point,
               std::span<const ChosenBundle> chosen, double* squares) {
    measure(bundles, point, chosen, squares);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(bound_2);
HWY_EXPORT(bound_3);
HWY_EXPORT(measure_2);
HWY_EXPORT(measure_3);

namespace {

template <std::size_t D>
std::array<const double*, D> begins(const std::array<std::vector<double>, D>& columns) {
    std::array<const double*, D> begins;
    for (std::size_t d = 0; d < D; ++d) begins[d] = columns[d].data();
    return begins;
}

}  // namespace

template <std::size_t D>
void PieceBundle<D>::add(const std::array<double, D>& begin, const std::array<double, D>& end,
                         double piece_bulge, std::uint32_t slot) {
    for (std::size_t d = 0; d < D; ++d) {
        from[d][count] = begin[d];
        to[d][count] = end[d];
    }
    slots[count] = slot;
    bulge = std::max(bulge, piece_bulge);
    ++count;
}

template <std::size_t D>
void PieceBundles<D>::clear() {
    bundles_.clear();
    for (auto* columns : {&low_, &high_, &end_}) {
        for (auto& column : *columns) column.clear();
    }
    bulge_.clear();
}

template <std::size_t D>
void PieceBundles<D>::push_back(const PieceBundle<D>& bundle) {
    const std::size_t number = size();
    const std::size_t padded = (number + kVector) / kVector * kVector;
    for (std::size_t d = 0; d < D; ++d) {
        double low = bundle.from[d][0], high = low;
        for (std::size_t i = 0; i < bundle.count; ++i) {
            low = std::min({low, bundle.from[d][i], bundle.to[d][i]});
            high = std::max({high, bundle.from[d][i], bundle.to[d][i]});
        }
        low_[d].resize(padded);
        high_[d].resize(padded);
        end_[d].resize(padded);
        low_[d][number] = low - bundle.bulge;
        high_[d][number] = high + bundle.bulge;
        end_[d][number] = bundle.from[d][0];
    }
    bulge_.resize(padded);
    bulge_[number] = bundle.bulge;
    bundles_.push_back(bundle);
}

template <std::size_t D>
void PieceBundles<D>::bound(const std::array<double, D>& point, std::span<double> leasts,
                            std::span<double> mosts) const {
    const auto low = begins(low_), high = begins(high_), end = begins(end_);
    if constexpr (D == 2) {
        HWY_DYNAMIC_DISPATCH(bound_2)
        (low, high, end, bulge_.data(), padded_size(), point, leasts.data(), mosts.data());
    } else {
        HWY_DYNAMIC_DISPATCH(bound_3)
        (low, high, end, bulge_.data(), padded_size(), point, leasts.data(), mosts.data());
    }
}

template <std::size_t D>
void PieceBundles<D>::measure(const std::array<double, D>& point, std::span<const ChosenBundle> chosen,
                              std::span<double> squares) const {
    if constexpr (D == 2) {
        HWY_DYNAMIC_DISPATCH(measure_2)(bundles_, point, chosen, squares.data());
    } else {
        HWY_DYNAMIC_DISPATCH(measure_3)(bundles_, point, chosen, squares.data());
    }
}

template struct PieceBundle<2>;
template struct PieceBundle<3>;
template class PieceBundles<2>;
template class PieceBundles<3>;

}  // namespace crowfly
#endif  // HWY_ONCE
