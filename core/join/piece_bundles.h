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
    std::array<std::array<double, kRoom>, D> along{};
    std::array<double, kRoom> along2{};  ///< squared lengths, none so small that it cannot divide
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

    /// Between which squares of straight distances each bundle's own lies: the gap from a box around its
    /// pieces with all their bulge, and the distance from an end of one of them. Rounded; the spans are as
    /// long as whole vectors need, at least `padded_size`.
    void bound(const std::array<double, D>& point, std::span<double> leasts, std::span<double> mosts) const;

    /// Squares of the straight distances between the point and the chords of the bundles that are chosen,
    /// kRoom for each.
    void measure(const std::array<double, D>& point, std::span<const ChosenBundle> chosen,
                 std::span<double> squares) const;

    /// The size in whole vectors.
    std::size_t padded_size() const noexcept { return low_[0].size(); }

  private:
    static constexpr std::size_t kVector = 8;

    std::vector<PieceBundle<D>> bundles_;
    std::array<std::vector<double>, D> low_, high_, end_;
};

extern template class PieceBundles<2>;
extern template class PieceBundles<3>;

}  // namespace crowfly
