#include "tests/support/temporary.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <zlib.h>

namespace crowfly::tests {

TemporaryDirectory::TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "crowfly-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::file(std::string_view name, std::string_view content) const {
    std::string target = path(name);
    if (name.ends_with(".gz")) {
        const gzFile packed = gzopen(target.c_str(), "wb");
        gzwrite(packed, content.data(), static_cast<unsigned>(content.size()));
        gzclose(packed);
    } else {
        std::ofstream(target, std::ios::binary) << content;
    }
    return target;
}

std::string read_file(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return content.str();
}

}  // namespace crowfly::tests
