#include "store/embedded/record_filter.h"

#include <algorithm>

#include "store/queryables.h"

namespace crowfly {

ColdValues::ColdValues(PlaceTable& table, std::vector<Attribute> attributes)
    : attributes_(std::move(attributes)), row_(table.attributes_statement(attributes_)) {}

void ColdValues::go_to(std::int64_t fid, std::string_view id) {
    row_.reset();
    ++rows_read_;
    is_there_ = row_.bind(1, fid).step() && row_.text(0) == id;
}

cql2::ValueView ColdValues::value(std::size_t number) const {
    if (!is_there_) return {};
    const int column = static_cast<int>(number) + 1;
    const AttributeType type = attributes_[number].type;
    switch (row_.type(column)) {
        case sqlite::StorageType::integer:
            if (type == AttributeType::boolean) return row_.integer(column) != 0;
            if (type == AttributeType::real) return row_.real(column);
            return row_.integer(column);
        case sqlite::StorageType::real:
            return row_.real(column);
        case sqlite::StorageType::text:
            return row_.text(column);
        case sqlite::StorageType::null:
        case sqlite::StorageType::blob:
            break;
    }
    return {};
}

/// The row that is asked about.
class RecordFilter::Values final : public cql2::RowValues {
  public:
    Values(const Schema& schema, std::span<const Attribute> hot, const RowsState& state,
           std::span<const Attribute> cold)
        : state_(state) {
        for (const Attribute& attribute : schema.attributes) {
            const auto among_hot = std::find(hot.begin(), hot.end(), attribute);
            const auto among_cold = std::find(cold.begin(), cold.end(), attribute);
            const bool is_hot = among_hot != hot.end();
            sources_.push_back({is_hot, static_cast<std::size_t>(is_hot ? among_hot - hot.begin()
                                                                        : among_cold - cold.begin())});
        }
    }

    void lend(ColdValues& cold) noexcept { cold_ = &cold; }

    void go_to(std::uint32_t row) {
        row_ = row;
        cold_is_there_ = false;
    }

    cql2::ValueView value(std::size_t queryable) const override {
        switch (queryable) {
            case kIdQueryable:
                return record().id();
            case kNameQueryable:
                return text_or_null(record().name());
            case kCategoryQueryable:
                return text_or_null((*state_.categories)[state_.rows->category(row_)]);
            default:
                break;
        }
        const Source& source = sources_[queryable - kFirstAttribute];
        return source.is_hot ? record().value(source.number) : cold_value(source.number);
    }

  private:
    struct Source {
        bool is_hot;
        std::size_t number;
    };

    RowRecord record() const noexcept { return state_.rows->record(row_); }

    cql2::ValueView cold_value(std::size_t number) const {
        const RowRecord record = this->record();
        if (!record.has_more()) return {};
        if (!cold_is_there_) cold_->go_to(state_.rows->fid(row_), record.id());
        cold_is_there_ = true;
        return cold_->value(number);
    }

    const RowsState& state_;
    std::vector<Source> sources_;  // of the attributes
    ColdValues* cold_ = nullptr;
    std::uint32_t row_ = 0;
    mutable bool cold_is_there_ = false;
};

RecordFilter::RecordFilter(const Schema& schema, std::span<const Attribute> hot, const RowsState& state,
                           const std::optional<std::string>& category, const cql2::Expression* filter)
    : state_(state) {
    std::optional<std::string> only = category;
    if (filter != nullptr) {
        // Compared as a number, before the rest of the filter is evaluated.
        if (!only) only = cql2::required_text(*filter, "category");
        std::vector<std::size_t> costly;
        for (std::size_t i = 0; i < schema.attributes.size(); ++i) {
            const bool is_hot = std::find(hot.begin(), hot.end(), schema.attributes[i]) != hot.end();
            if (!is_hot) costly.push_back(kFirstAttribute + i);
        }
        predicate_.emplace(*filter, queryables(schema), costly);
        for (const std::size_t number : predicate_->asks_for()) {
            if (std::find(costly.begin(), costly.end(), number) == costly.end()) continue;
            cold_.push_back(schema.attributes[number - kFirstAttribute]);
        }
        values_ = std::make_unique<Values>(schema, hot, state, cold_);
    }
    category_is_given_ = only.has_value();
    if (only) category_ = state.categories->find(*only);
}

RecordFilter::~RecordFilter() = default;

void RecordFilter::lend(ColdValues& values) noexcept {
    values_->lend(values);
}

bool RecordFilter::passes(std::uint32_t row) const {
    if (category_is_given_ && (!category_ || state_.rows->category(row) != *category_)) return false;
    if (!predicate_) return true;
    values_->go_to(row);
    return predicate_->passes(*values_);
}

}  // namespace crowfly
