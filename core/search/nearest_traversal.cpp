#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "core/search/traversal.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/search/nearest_traversal.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/search/nearest_traversal-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

template <Metric M>
HWY_INLINE void nearest(const SearchTask<M>& task, std::size_t k, std::vector<Neighbor>& found) {
    if (task.restriction.any() || task.epsilon > 0 || task.dead != nullptr) {
        find_nearest_by<SearchTask<M>, Counting::some>(task, k);
    } else {
        find_nearest_by<SearchTask<M>, Counting::all>(task, k);
    }
    take_neighbors(task.scratch.settled, found);
}

void plane_nearest(const SearchTask<Plane>& task, std::size_t k, std::vector<Neighbor>& found) {
    nearest(task, k, found);
}
void sphere_nearest(const SearchTask<Sphere>& task, std::size_t k, std::vector<Neighbor>& found) {
    nearest(task, k, found);
}
void spheroid_nearest(const SearchTask<Spheroid>& task, std::size_t k, std::vector<Neighbor>& found) {
    nearest(task, k, found);
}

}  // namespace
}  // namespace crowfly::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace crowfly {

HWY_EXPORT(plane_nearest);
HWY_EXPORT(sphere_nearest);
HWY_EXPORT(spheroid_nearest);

template <>
void find_nearest(const SearchTask<Plane>& task, std::size_t k, std::vector<Neighbor>& found) {
    HWY_DYNAMIC_DISPATCH(plane_nearest)(task, k, found);
}
template <>
void find_nearest(const SearchTask<Sphere>& task, std::size_t k, std::vector<Neighbor>& found) {
    HWY_DYNAMIC_DISPATCH(sphere_nearest)(task, k, found);
}
template <>
void find_nearest(const SearchTask<Spheroid>& task, std::size_t k, std::vector<Neighbor>& found) {
    HWY_DYNAMIC_DISPATCH(spheroid_nearest)(task, k, found);
}

}  // namespace crowfly
#endif  // HWY_ONCE
