#include "core/index/shape_index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "core/index/index_format.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

LonLat centre_of(LonLat from, LonLat to, MetricKind metric) {
    const LonLat middle{(from.lon + to.lon) / 2, (from.lat + to.lat) / 2};
    if (metric == MetricKind::plane) return middle;
    return {wrapped(from.lon + wrapped(to.lon - from.lon) / 2), middle.lat};
}

/// Everything of all shapes, on the way into the trees.
template <Metric M>
struct Columns {
    static constexpr std::size_t D = M::kDimensions;

    std::vector<Piece<M>> pieces;
    std::vector<float> bulges;
    std::vector<std::uint32_t> rows;
    std::vector<LonLat> centres;
    std::vector<Box<D>> boxes;
    std::vector<typename ShapeTree<M>::Polygon> polygons;
    std::vector<LonLat> polygon_centres;
    std::vector<Box<D>> polygon_boxes;

    void add(PreparedShape<M> shape, std::uint32_t row) {
        for (const ShapePiece<M>& piece : shape.pieces) {
            pieces.push_back(piece.piece);
            bulges.push_back(round_up(bulge<M>(piece.piece)));
            rows.push_back(row);
            centres.push_back(centre_of(piece.from, piece.to, M::kKind));
            boxes.push_back(box_around(piece.piece));
        }
        for (std::size_t i = 0; i < shape.polygons.size(); ++i) {
            polygon_centres.push_back(shape.pieces[shape.polygon_begin[i]].from);
            polygon_boxes.push_back(shape.polygons[i].box());
            polygons.push_back({row, std::move(shape.polygons[i])});
        }
    }

    void append(Columns&& other) {
        const auto all = [](auto& to, auto&& from) {
            to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
        };
        all(pieces, other.pieces);
        all(bulges, other.bulges);
        all(rows, other.rows);
        all(centres, other.centres);
        all(boxes, other.boxes);
        all(polygons, other.polygons);
        all(polygon_centres, other.polygon_centres);
        all(polygon_boxes, other.polygon_boxes);
    }
};

/// Of all rows, some thousand at a time wherever there is a thread.
template <Metric M>
Columns<M> columns_of(const ShapeColumns& shapes, Executor& executor) {
    constexpr std::size_t kRows = 1024;
    std::vector<Columns<M>> parts((shapes.size() + kRows - 1) / kRows);
    executor.run(parts.size(), [&](std::size_t part) {
        const std::size_t end = std::min((part + 1) * kRows, shapes.size());
        for (std::size_t row = part * kRows; row < end; ++row) {
            parts[part].add(PreparedShape<M>::of(shapes, row), static_cast<std::uint32_t>(row));
        }
    });
    Columns<M> columns;
    for (Columns<M>& part : parts) {
        columns.append(std::exchange(part, {}));
        if (columns.pieces.size() > kMostPoints) {
            throw Error(Code::too_large,
                        fmt::format("the shapes have more than {} pieces of edges", kMostPoints));
        }
    }
    return columns;
}

template <std::size_t D>
LeafSummary summary_of(const PieceLeaf<D>& leaf) {
    const auto of_first_row = [&](std::uint32_t row) { return row == leaf.rows[0] || row == kNoRow; };
    const bool is_one_row = std::all_of(leaf.rows.begin(), leaf.rows.end(), of_first_row);
    return {is_one_row ? leaf.rows[0] : kNoRow, *std::max_element(leaf.bulge.begin(), leaf.bulge.end())};
}

template <Metric M>
void fill_leaves(const Columns<M>& columns, ShapeTree<M>& tree) {
    PieceLeaf<M::kDimensions> nothing;
    for (auto& column : nothing.from) column.fill(std::numeric_limits<double>::infinity());
    nothing.to = nothing.from;
    nothing.bulge.fill(0);
    nothing.rows.fill(kNoRow);
    tree.leaves.assign(tree.pieces.shape.leaves, nothing);
    for (std::size_t slot = 0; slot < tree.pieces.order.size(); ++slot) {
        const std::uint32_t number = tree.pieces.order[slot];
        auto& leaf = tree.leaves[slot / kLeafSize];
        const std::size_t lane = slot % kLeafSize;
        for (std::size_t d = 0; d < M::kDimensions; ++d) {
            leaf.from[d][lane] = columns.pieces[number].from[d];
            leaf.to[d][lane] = columns.pieces[number].to[d];
        }
        leaf.bulge[lane] = columns.bulges[number];
        leaf.rows[lane] = columns.rows[number];
    }
    for (const auto& leaf : tree.leaves) tree.summaries.push_back(summary_of(leaf));
}

template <Metric M>
ShapeTree<M> build(const ShapeColumns& shapes, const BuildOptions& options) {
    ShapeTree<M> tree;
    Columns<M> columns = columns_of<M>(shapes, executor_of(options));
    tree.polygon_of = std::move(columns.polygons);
    tree.pieces = build_box_tree<M>(columns.centres, columns.boxes, options);
    fill_leaves(columns, tree);
    tree.pieces.order = {};
    tree.polygons = build_box_tree<M>(columns.polygon_centres, columns.polygon_boxes, options);
    return tree;
}

}  // namespace

template <Metric M>
PreparedShape<M> PreparedShape<M>::of(const Geometry& geometry) {
    PreparedShape shape;
    for (std::size_t number = 0; number < geometry.part_count(); ++number) {
        const Geometry::Part part = geometry.part(number);
        if (part.is_empty()) continue;
        const auto begin = static_cast<std::uint32_t>(shape.pieces.size());
        std::vector<std::vector<ShapePiece<M>>> rings;
        for (std::size_t sequence = part.begin; sequence < part.end; ++sequence) {
            rings.push_back(pieces_of<M>(geometry, sequence));
            shape.pieces.insert(shape.pieces.end(), rings.back().begin(), rings.back().end());
        }
        if (part.kind != Geometry::PartKind::polygon) continue;
        shape.polygon_begin.push_back(begin);
        shape.polygons.emplace_back(rings);
    }
    return shape;
}

template <Metric M>
PreparedShape<M> PreparedShape<M>::of(LonLat position) {
    PreparedShape shape;
    const Embedded<M> at = M::embed(position);
    shape.pieces.push_back({{at, at}, position, position});
    return shape;
}

template <Metric M>
PreparedShape<M> PreparedShape<M>::of(const ShapeColumns& columns, std::size_t row) {
    const Geometry* shape = columns.shape(row);
    return shape != nullptr ? of(*shape) : of(columns.positions[row]);
}

template struct PreparedShape<Plane>;
template struct PreparedShape<Sphere>;
template struct PreparedShape<Spheroid>;

void require_valid(const ShapeColumns& columns, MetricKind metric) {
    const std::size_t positions = columns.positions.size(), shapes = columns.shapes.size();
    if (positions != 0 && shapes != 0 && positions != shapes) {
        throw Error(
            Code::invalid_argument,
            fmt::format("there are {} positions and {} shapes; expected as many of each", positions, shapes));
    }
    const auto refuse = [](std::size_t row, std::string_view reason) {
        throw Error(Code::invalid_argument, fmt::format("row {}: {}", row, reason));
    };
    for (std::size_t row = 0; row < columns.size(); ++row) {
        if (const Geometry* shape = columns.shape(row); shape != nullptr) {
            if (const auto fault = geometry_fault(*shape, widest_crs(metric))) refuse(row, fault->reason);
        } else if (positions == 0) {
            refuse(row, "has neither a shape nor a position");
        } else if (const auto fault = coordinate_fault(columns.positions[row], widest_crs(metric))) {
            refuse(row, fault->message);
        }
    }
}

std::vector<const Geometry*> addresses(std::span<const Geometry> shapes) {
    std::vector<const Geometry*> addresses;
    addresses.reserve(shapes.size());
    for (const Geometry& shape : shapes) addresses.push_back(&shape);
    return addresses;
}

ShapeIndex::ShapeIndex(const ShapeColumns& columns, MetricKind metric, const BuildOptions& options)
    : metric_(metric), size_(columns.size()) {
    if (columns.size() > kMostPoints) {
        throw Error(Code::too_large, fmt::format("{} shapes are more than an index takes", columns.size()));
    }
    require_valid(columns, metric);
    tree_ = with_metric(metric, [&]<class M>(M /*metric*/) {
        return std::make_shared<const AnyTree>(build<M>(columns, options));
    });
}

}  // namespace crowfly
