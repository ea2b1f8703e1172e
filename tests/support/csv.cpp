#include "tests/support/csv.h"

#include <sstream>

namespace crowfly::tests {

std::vector<std::vector<std::string>> csv_table(std::string_view text) {
    std::vector<std::vector<std::string>> table;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string>& row = table.emplace_back();
        for (std::size_t begin = 0; begin <= line.size();) {
            const std::size_t end = std::min(line.find(',', begin), line.size());
            row.push_back(line.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    return table;
}

}  // namespace crowfly::tests
