#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace crowfly {

/// A few pieces of one shape that lie together, as straight lines, column by column. What is behind `count`
/// says nothing.
template <std::size_t D>
struct alignas(64) PieceBundle {
    static constexpr std::size_t kRoom = 8;

    std::array<std::array<double, kRoom>, D> from{};
    std::array<std::array<double, kRoom>, D> to{};
    std::array<std::uint32_t, kRoom> slots{};
    std::uint32_t count = 0;
    double bulge = 0;  ///< no piece has more

    /// There must be room.
    void add(const std::array<double, D>& begin, const std::array<double, D>& end, double piece_bulge,
             std::uint32_t slot);
};

/// A bundle, and the place of its shape, whatever that means to the one who chose it.
struct ChosenBundle {
    std::uint32_t place;
    std::uint32_t bundle;
};

/// Bundles, with what bounds their distances column by column.
template <std::size_t D>
class PieceBundles {
  public:
    void clear();
    void push_back(const PieceBundle<D>& bundle);

    std::size_t size() const noexcept { return bundles_.size(); }
    const PieceBundle<D>& operator[](std::size_t i) const noexcept { return bundles_[i]; }

    /// Column d of boxes around the pieces with all their bulge, and of an end of one of them; and how much
    /// pieces bulge.
    std::span<const double> low(std::size_t d) const noexcept { return low_[d]; }
    std::span<const double> high(std::size_t d) const noexcept { return high_[d]; }
    std::span<const double> end(std::size_t d) const noexcept { return end_[d]; }
    std::span<const double> bulge() const noexcept { return bulge_; }

    /// Between which squares of straight distances each bundle's own lies, as its box and end tell. The spans
    /// are `padded_size` long.
    void bound(const std::array<double, D>& point, std::span<double> leasts, std::span<double> mosts) const;

    /// Squares of the straight distances between the point and the chords of the bundles that are chosen,
    /// kRoom for each.
    void measure(const std::array<double, D>& point, std::span<const ChosenBundle> chosen,
                 std::span<double> squares) const;

    /// The size in whole vectors, of which the last may have room.
    std::size_t padded_size() const noexcept { return bulge_.size(); }

  private:
    static constexpr std::size_t kVector = 8;

    std::vector<PieceBundle<D>> bundles_;
    std::array<std::vector<double>, D> low_, high_, end_;
    std::vector<double> bulge_;
};

extern template class PieceBundles<2>;
extern template class PieceBundles<3>;

}  // namespace crowfly
