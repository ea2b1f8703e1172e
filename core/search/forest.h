#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/index/packed_tree.h"
#include "core/lonlat.h"
#include "core/search/dead_marks.h"

namespace crowfly {

/// Several trees that are searched as one. Slots are counted on from tree to tree. What a tree has as rows
/// are seats in columns of its own, in which their true numbers stand; no two trees have a row in common.
template <std::size_t D>
class Forest {
  public:
    struct Member {
        const PackedTree<D>* tree;
        const std::uint32_t* rows;  ///< by seat; null where they are counted on from the first
        std::uint32_t first_row;
        const LonLat* positions;          ///< by seat
        const DeadMarks* dead = nullptr;  ///< by the tree's own slots; null: none
        std::uint32_t first_slot = 0;
        std::uint32_t end_slot = 0;
    };

    Forest() = default;

    /// Those with the most points should come first. The slots are numbered here; there must be fewer than
    /// 2^32.
    explicit Forest(std::vector<Member> members) : members_(std::move(members)) {
        std::uint32_t next = 0;
        for (Member& member : members_) {
            member.first_slot = next;
            next += static_cast<std::uint32_t>(member.tree->shape().leaves * kLeafSize);
            member.end_slot = next;
        }
    }

    std::span<const Member> members() const noexcept { return members_; }

    /// The slot must be that of a point.
    std::array<double, D> point(std::uint32_t slot) const noexcept {
        const Member& member = member_of(slot);
        return member.tree->point(slot - member.first_slot);
    }
    std::uint32_t row(std::uint32_t slot) const noexcept {
        const Member& member = member_of(slot);
        const std::uint32_t seat = member.tree->row(slot - member.first_slot);
        return member.rows != nullptr ? member.rows[seat] : member.first_row + seat;
    }

    LonLat position(std::uint32_t slot) const noexcept {
        const Member& member = member_of(slot);
        return member.positions[member.tree->row(slot - member.first_slot)];
    }

  private:
    const Member& member_of(std::uint32_t slot) const noexcept {
        const Member* member = members_.data();
        while (slot >= member->end_slot) ++member;
        return *member;
    }

    std::vector<Member> members_;
};

}  // namespace crowfly
