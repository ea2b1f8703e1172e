#include "service/auth/key_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.h"
#include "formats/json_writer.h"
#include "service/utc_time.h"

namespace crowfly {
namespace {

using simdjson::dom::element;

constexpr std::int64_t kVersion = 1;

[[noreturn]] void fail(const std::string& path, int error) {
    throw Error(code_of_errno(error), fmt::format("{}: {}", path, std::strerror(error)));
}

class Descriptor {
  public:
    Descriptor(const std::string& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
        if (value_ < 0) fail(path, errno);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(value_); }

    int operator*() const noexcept { return value_; }

  private:
    int value_;
};

/// One key of the file, member by member; all are there, and no others.
class RecordReader {
  public:
    RecordReader(const std::string& path, std::size_t number) : path_(path), number_(number) {}

    KeyRecord read(element key) const {
        simdjson::dom::object object;
        if (key.get(object) != simdjson::SUCCESS || object.size() != 7)
            refuse("has not the seven members of a key");
        KeyRecord record{.id = text(key, "id"),
                         .name = text(key, "name"),
                         .role = role(text(key, "role")),
                         .collections = texts(key, "collections"),
                         .created = time(text(key, "created")),
                         .expires = {},
                         .hash = hash(text(key, "sha256"))};
        element expires;
        if (key["expires"].get(expires) != simdjson::SUCCESS) refuse("has no \"expires\"");
        if (!expires.is_null()) record.expires = time(text(key, "expires"));
        return record;
    }

    [[noreturn]] void refuse(std::string_view what) const {
        throw Error(Code::malformed, fmt::format("{}: key {} {}", path_, number_, what));
    }

  private:
    std::string text(element key, const char* member) const {
        std::string_view value;
        if (key[member].get(value) != simdjson::SUCCESS) refuse(fmt::format("has no text \"{}\"", member));
        return std::string(value);
    }

    std::vector<std::string> texts(element key, const char* member) const {
        std::vector<std::string> values;
        simdjson::dom::array array;
        if (key[member].get(array) != simdjson::SUCCESS) refuse(fmt::format("has no array \"{}\"", member));
        for (const element item : array) {
            std::string_view value;
            if (item.get(value) != simdjson::SUCCESS) refuse(fmt::format("has no text in \"{}\"", member));
            values.emplace_back(value);
        }
        return values;
    }

    Role role(const std::string& word) const {
        const auto role = role_named(word);
        if (!role) refuse("has a \"role\" other than reader, writer and admin");
        return *role;
    }

    std::chrono::system_clock::time_point time(const std::string& word) const {
        const auto time = parse_utc(word);
        if (!time) refuse("has a time that is not as in 2026-11-21T19:46:03Z");
        return *time;
    }

    KeyHash hash(const std::string& word) const {
        const auto hash = parse_hash(word);
        if (!hash) refuse("has no \"sha256\" of 64 hexadecimal digits");
        return *hash;
    }

    const std::string& path_;
    std::size_t number_;
};

std::string render(const std::vector<KeyRecord>& records) {
    std::string text = "{\"crowfly_keys\": 1, \"keys\": [";
    std::string_view before = "\n";
    for (const KeyRecord& record : records) {
        text += before;
        before = ",\n";
        JsonWriter json(text);
        json.begin_object().key("id").string(record.id).key("name").string(record.name);
        json.key("role").string(name(record.role)).key("collections").begin_array();
        for (const std::string& collection : record.collections) json.string(collection);
        json.end_array().key("created").string(utc_text(record.created)).key("expires");
        json.string_or_null(record.expires ? utc_text(*record.expires) : "");
        json.key("sha256").string(hex(record.hash)).end_object();
    }
    return text + "\n]}\n";
}

/// Whoever can read the file finds it whole, as it was or as it is to be.
void replace(const std::string& path, const std::string& text) {
    const std::string part = path + ".part";
    {
        const Descriptor file(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t written = ::write(*file, text.data() + done, text.size() - done);
            if (written < 0 && errno != EINTR) fail(part, errno);
            if (written > 0) done += static_cast<std::size_t>(written);
        }
        if (::fsync(*file) != 0) fail(part, errno);
    }
    if (::rename(part.c_str(), path.c_str()) != 0) fail(path, errno);
}

/// The name that symbolic links lead to, so that it is not the link which is replaced.
std::filesystem::path resolved(const std::string& path) {
    std::error_code failed;
    const auto canonical = std::filesystem::weakly_canonical(path, failed);
    return failed ? std::filesystem::absolute(path) : canonical;
}

void change(const std::string& name, bool may_be_new,
            const std::function<void(std::vector<KeyRecord>&)>& edit) {
    const std::filesystem::path path = resolved(name);
    const std::string folder = path.parent_path().string();
    // The folder is what is locked, for the file itself is replaced.
    const Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
    while (::flock(*directory, LOCK_EX) != 0) {
        if (errno != EINTR) fail(folder, errno);
    }
    std::vector<KeyRecord> records;
    if (!may_be_new || file_exists(path.string())) records = read_key_file(path.string());
    edit(records);
    replace(path.string(), render(records));
    if (::fsync(*directory) != 0) fail(folder, errno);
}

std::string content_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) fail(path, errno);
    if (!S_ISREG(status.st_mode)) throw Error(Code::io, path + ": is not a file");
    if ((status.st_mode & S_IWOTH) != 0U) {
        throw Error(Code::permission_denied,
                    path + ": everybody may write it, and so make keys; `chmod 600` keeps them from that");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(path, errno);
    std::ostringstream content;
    content << file.rdbuf();
    if (file.bad()) throw Error(Code::io, path + ": cannot be read");
    return content.str();
}

}  // namespace

std::vector<KeyRecord> read_key_file(const std::string& path) {
    const std::string content = content_of(path);
    simdjson::dom::parser parser;
    element root;
    std::int64_t version = 0;
    if (parser.parse(content).get(root) != simdjson::SUCCESS ||
        root["crowfly_keys"].get(version) != simdjson::SUCCESS)
        throw Error(Code::malformed, path + ": is not a file of keys, as `crowfly key add` makes it");
    if (version != kVersion) {
        throw Error(Code::unsupported,
                    fmt::format("{}: has version {} of the format; this program knows 1", path, version));
    }
    simdjson::dom::array keys;
    if (root["keys"].get(keys) != simdjson::SUCCESS)
        throw Error(Code::malformed, path + ": has no array \"keys\"");
    std::vector<KeyRecord> records;
    std::set<std::string> ids;
    for (const element key : keys) {
        const RecordReader reader(path, records.size() + 1);
        records.push_back(reader.read(key));
        if (!ids.insert(records.back().id).second) reader.refuse("has the id of another one");
    }
    return records;
}

ApiKey add_key(const std::string& path, const NewKey& key, std::chrono::system_clock::time_point now) {
    if (key.expires && *key.expires <= now) {
        throw Error(Code::invalid_argument,
                    fmt::format("a key that expires at {} would never be good", utc_text(*key.expires)));
    }
    ApiKey made;
    change(path, true, [&](std::vector<KeyRecord>& records) {
        const auto is_taken = [&](const KeyRecord& record) { return record.id == made.id; };
        do {
            made = make_api_key();
        } while (std::any_of(records.begin(), records.end(), is_taken));
        records.push_back({.id = made.id,
                           .name = key.name,
                           .role = key.role,
                           .collections = key.collections,
                           .created = std::chrono::floor<std::chrono::seconds>(now),
                           .expires = key.expires,
                           .hash = hash_of(made.text)});
    });
    return made;
}

void revoke_key(const std::string& path, const std::string& id) {
    change(path, false, [&](std::vector<KeyRecord>& records) {
        if (std::erase_if(records, [&](const KeyRecord& record) { return record.id == id; }) == 0)
            throw Error(Code::not_found, fmt::format("{}: has no key with the id \"{}\"", path, id));
    });
}

}  // namespace crowfly
