#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/system.h"
#include <malloc.h>

namespace crowfly::bench {

/// Bytes that are allocated now.
inline std::size_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// Builds so many times and keeps the last; `build` gets the least time, and the memory.
template <class Make>
auto timed_build(int repeats, Make make, BuildCost& build) {
    using Clock = std::chrono::steady_clock;
    decltype(make()) made;
    for (int i = 0; i < repeats; ++i) {
        made.reset();
        const std::size_t before = heap_bytes();
        const auto start = Clock::now();
        made = make();
        build.seconds = std::min(build.seconds, std::chrono::duration<double>(Clock::now() - start).count());
        build.bytes = heap_bytes() - before;
    }
    return made;
}

template <class Index>
concept SearchesWithin = requires(Index index, LonLat query) {
    { index.within_distance(query, 1.0) } -> std::convertible_to<std::size_t>;
};

template <class Index>
concept SearchesCategories = requires(Index index, LonLat query, const std::vector<std::uint32_t>& column) {
    index.use_categories(column);
    { index.nearest_of_category(query, std::size_t{1}, std::uint32_t{0}) } -> std::convertible_to<double>;
};

/// A system that is a library of this program. Its calls are inlined into the timed loop, as a program that
/// uses the library would have them. Every Index has nearest(query, k).
template <class Index>
class InProcess final : public System {
  public:
    using Limit = std::size_t (*)(const Work& work);

    InProcess(std::string name, std::vector<BuildCost> builds, std::unique_ptr<Index> index,
              Limit most = nullptr)
        : System(std::move(name), std::move(builds)), index_(std::move(index)), most_(most) {}

    bool can(Work::Kind kind) const override {
        switch (kind) {
            case Work::Kind::nearest:
                return true;
            case Work::Kind::within_distance:
                return SearchesWithin<Index>;
            case Work::Kind::nearest_of_category:
                return SearchesCategories<Index>;
        }
        return false;
    }

    std::size_t most_queries(const Work& work) const override {
        return most_ == nullptr ? System::most_queries(work) : most_(work);
    }

    void use_categories(const std::vector<std::uint32_t>& categories) override {
        if constexpr (SearchesCategories<Index>) index_->use_categories(categories);
    }

    double run(const Work& work, const Queries& queries, std::vector<double>& answers) override {
        const std::vector<LonLat>& at = queries.positions;
        if (work.kind == Work::Kind::nearest)
            return time(answers, at.size(), [&](std::size_t i) { return index_->nearest(at[i], work.k); });
        if constexpr (SearchesWithin<Index>) {
            if (work.kind == Work::Kind::within_distance) {
                return time(answers, at.size(), [&](std::size_t i) {
                    return static_cast<double>(index_->within_distance(at[i], work.max_distance));
                });
            }
        }
        if constexpr (SearchesCategories<Index>) {
            return time(answers, at.size(), [&](std::size_t i) {
                return index_->nearest_of_category(at[i], work.k, queries.categories[i]);
            });
        }
        return 0;
    }

  private:
    template <class Answer>
    static double time(std::vector<double>& answers, std::size_t count, Answer answer) {
        using Clock = std::chrono::steady_clock;
        answers.resize(count);
        const auto start = Clock::now();
        for (std::size_t i = 0; i < count; ++i) answers[i] = answer(i);
        return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    }

    std::unique_ptr<Index> index_;
    Limit most_;
};

}  // namespace crowfly::bench
