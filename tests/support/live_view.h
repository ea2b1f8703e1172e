#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace crowfly::tests {

/// What a client of live neighbors makes of the events that it gets.
class LiveView {
  public:
    /// Takes in all events that are whole; the rest waits for more.
    void read(std::string_view text) {
        text_ += text;
        for (std::size_t end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n")) {
            take_in(std::string_view(text_).substr(0, end + 1));
            text_.erase(0, end + 2);
        }
    }

    /// Nearest first.
    std::vector<std::string> ids() const {
        std::vector<std::string> ids;
        for (const auto& [rank, id] : by_rank()) ids.push_back(id);
        return ids;
    }

    int answers = 0;     ///< events of that kind
    int changes = 0;     ///< likewise
    int heartbeats = 0;  ///< comments
    int retry = 0;       ///< milliseconds
    std::string last_id;
    std::string last_change;  ///< the data
    std::string problem;      ///< the data

  private:
    using Element = simdjson::dom::element;

    std::map<std::int64_t, std::string> by_rank() const {
        std::map<std::int64_t, std::string> by_rank;
        for (const auto& [id, rank] : ranks_) {
            if (!by_rank.emplace(rank, id).second) throw std::runtime_error("two places have the same rank");
        }
        return by_rank;
    }

    void take_in(std::string_view event) {
        std::string type, data;
        while (!event.empty()) {
            const std::string_view line = event.substr(0, event.find('\n'));
            event.remove_prefix(line.size() + 1);
            const std::string_view name = line.substr(0, line.find(':'));
            const std::string_view value = line.substr(std::min(line.size(), name.size() + 2));
            if (line == ":") ++heartbeats;
            if (name == "event") type = value;
            if (name == "data") data += value;
            if (name == "id") last_id = value;
            if (name == "retry") retry = std::stoi(std::string(value));
        }
        if (type == "answer") set_answer(data);
        if (type == "change") change(data);
        if (type == "problem") problem = data;
    }

    void set_answer(const std::string& data) {
        ++answers;
        ranks_.clear();
        for (const Element feature : parser_.parse(data)["features"]) put(feature);
    }

    void change(const std::string& data) {
        ++changes;
        last_change = data;
        const Element change = parser_.parse(data);
        simdjson::dom::array places;
        if (change["left"].get(places) == simdjson::SUCCESS) {
            for (const Element id : places) ranks_.erase(std::string(std::string_view(id)));
        }
        for (const char* kind : {"entered", "moved", "changed"}) {
            if (change[kind].get(places) != simdjson::SUCCESS) continue;
            for (const Element feature : places) put(feature);
        }
        if (change["reordered"].get(places) == simdjson::SUCCESS) {
            for (const Element place : places)
                ranks_[std::string(std::string_view(place["id"]))] = std::int64_t(place["rank"]);
        }
    }

    void put(Element feature) {
        ranks_[std::string(std::string_view(feature["id"]))] = std::int64_t(feature["properties"]["rank"]);
    }

    std::string text_;
    std::map<std::string, std::int64_t> ranks_;
    simdjson::dom::parser parser_;
};

}  // namespace crowfly::tests
