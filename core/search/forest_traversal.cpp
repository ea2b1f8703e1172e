#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "core/search/traversal.h"

// Highway compiles what stands between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each kind of
// processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/search/forest_traversal.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/search/nearest_traversal-inl.h"

HWY_BEFORE_NAMESPACE();
namespace crowfly::HWY_NAMESPACE {
namespace {

template <Metric M>
HWY_INLINE bool nearest(const ForestTask<M>& task, std::size_t k, std::vector<Neighbor>& found) {
    if (!find_nearest_by<ForestTask<M>, Counting::forest>(task, k)) return false;
    take_neighbors(task.scratch.settled, found);
    return true;
}

bool plane_nearest(const ForestTask<Plane>& task, std::size_t k, std::vector<Neighbor>& found) {
    return nearest(task, k, found);
}
bool sphere_nearest(const ForestTask<Sphere>& task, std::size_t k, std::vector<Neighbor>& found) {
    return nearest(task, k, found);
}
bool spheroid_nearest(const ForestTask<Spheroid>& task, std::size_t k, std::vector<Neighbor>& found) {
    return nearest(task, k, found);
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
bool find_nearest(const ForestTask<Plane>& task, std::size_t k, std::vector<Neighbor>& found) {
    return HWY_DYNAMIC_DISPATCH(plane_nearest)(task, k, found);
}
template <>
bool find_nearest(const ForestTask<Sphere>& task, std::size_t k, std::vector<Neighbor>& found) {
    return HWY_DYNAMIC_DISPATCH(sphere_nearest)(task, k, found);
}
template <>
bool find_nearest(const ForestTask<Spheroid>& task, std::size_t k, std::vector<Neighbor>& found) {
    return HWY_DYNAMIC_DISPATCH(spheroid_nearest)(task, k, found);
}

}  // namespace crowfly
#endif  // HWY_ONCE
