#include "core/live/run_view.h"

namespace crowfly {

const PointIndex& RunView::points() const {
    return run().has_shapes() ? run().centroids(metric_).index : run().points(metric_);
}

std::span<const LonLat> RunView::positions() const {
    if (run().has_shapes()) return run().centroids(metric_).positions;
    return run().columns().positions;
}

RowOrder RunView::order() const {
    if (!order_) return {};
    return [rows = run().columns().rows.span().data(), &order = order_](std::uint32_t a, std::uint32_t b) {
        return order(rows[a], rows[b]);
    };
}

SearchOptions RunView::point_options() const {
    SearchOptions options;
    options.where = search_.where;
    options.dead.rows = run_.dead_seats();
    if (!run().has_shapes()) options.dead.slots = run_.dead_slots(metric_);
    options.control = search_.control;
    // The area asks for positions, which of shapes are not the centroids that the tree is of.
    const bool tests_area = search_.area != nullptr && run().has_shapes();
    if (!tests_area) options.area = {search_.area, run().columns().positions};
    if (search_.filter || tests_area) {
        options.filter = [this, tests_area](std::uint32_t seat) {
            if (tests_area && !search_.area->contains(run().position(seat))) return false;
            return !search_.filter || search_.filter(run().row(seat));
        };
    }
    return options;
}

SearchOptions RunView::shape_options() const {
    SearchOptions options;
    options.control = search_.control;
    if (run_.dead == nullptr && !search_.filter && !search_.where && search_.area == nullptr) return options;
    options.filter = [this](std::uint32_t seat) {
        if (!run_.has(seat)) return false;
        if (search_.where && run().value(search_.where->attribute, seat) != search_.where->value)
            return false;
        if (search_.area != nullptr && !search_.area->contains(run().position(seat))) return false;
        return !search_.filter || search_.filter(run().row(seat));
    };
    return options;
}

}  // namespace crowfly
