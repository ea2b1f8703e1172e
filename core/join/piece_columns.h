#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace crowfly {

/// Pieces as straight lines with a bulge, column by column. After `pad` the columns are as long as whole
/// vectors need, and `count` says how many pieces there are.
template <std::size_t D>
struct PieceColumns {
    static constexpr std::size_t kVector = 8;

    std::size_t count = 0;
    std::array<std::vector<double>, D> from;
    std::array<std::vector<double>, D> along;
    std::vector<double> along2;  ///< squared lengths, none so small that it cannot divide
    std::vector<double> bulge;

    void clear() {
        count = 0;
        for (auto& column : from) column.clear();
        for (auto& column : along) column.clear();
        along2.clear();
        bulge.clear();
    }

    void add(const std::array<double, D>& begin, const std::array<double, D>& end, double piece_bulge) {
        constexpr double kLeastSquare = 1e-300;
        double square = kLeastSquare;
        for (std::size_t d = 0; d < D; ++d) {
            const double length = end[d] - begin[d];
            from[d].push_back(begin[d]);
            along[d].push_back(length);
            square += length * length;
        }
        along2.push_back(square);
        bulge.push_back(piece_bulge);
        ++count;
    }

    void pad() {
        const std::size_t whole = (count + kVector - 1) / kVector * kVector;
        for (auto& column : from) column.resize(whole);
        for (auto& column : along) column.resize(whole);
        along2.resize(whole, 1);
        bulge.resize(whole);
    }
};

/// A piece, and how far the point is from it at least: from its chord, less what it bulges, and no less
/// than 0.
struct PieceBound {
    double least;
    std::size_t number;
};

/// Leaves the pieces that may be within the distance, with the same bits on every kind of processor.
void find_within(const PieceColumns<2>& pieces, const std::array<double, 2>& point, double distance,
                 std::vector<PieceBound>& found);
void find_within(const PieceColumns<3>& pieces, const std::array<double, 3>& point, double distance,
                 std::vector<PieceBound>& found);

}  // namespace crowfly
