#include "store/embedded/section_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/error.h"
#include "core/files.h"
#include "core/index/index_file.h"

namespace crowfly {
namespace {

constexpr std::array<char, 8> kMagic{'c', 'r', 'o', 'w', 'f', 'l', 'y', '\t'};
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostKeys = 8;
constexpr std::size_t kBuffer = 1 << 20;

// The sections follow the header; their table follows them.
struct Header {
    std::array<char, 8> magic = kMagic;
    std::uint32_t version = 0;
    std::uint32_t keys = 0;
    std::array<std::uint64_t, kMostKeys> key = {};
    std::uint64_t bytes = 0;     // of the whole file
    std::uint64_t sections = 0;  // how many
    std::uint64_t checksum = 0;  // of all that follows the header
    std::array<std::uint64_t, 2> reserved = {};
    std::uint64_t header_checksum = 0;  // of all before it
};
static_assert(sizeof(Header) == 128);
static_assert(sizeof(Section) == 24);

std::uint64_t checksum_of(const Header& header) {
    return XXH3_64bits(&header, offsetof(Header, header_checksum));
}

[[noreturn]] void fail(const std::string& path, const char* action) {
    const int number = errno;
    throw Error(code_of_errno(number),
                fmt::format("{} cannot be {}: {}", path, action, std::generic_category().message(number)));
}

[[noreturn]] void throw_corrupt(const std::string& what) {
    throw Error(Code::corrupt, what);
}

}  // namespace

struct SectionFileWriter::Hash {
    Hash() : state(XXH3_createState()) {
        if (state == nullptr) throw std::bad_alloc();
        XXH3_64bits_reset(state);
    }
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;
    ~Hash() { XXH3_freeState(state); }

    XXH3_state_t* state;
};

SectionFileWriter::SectionFileWriter(const std::string& path, SectionFileInfo info, std::string like)
    : path_(path),
      beside_(path + ".part"),
      like_(std::move(like)),
      info_(std::move(info)),
      hash_(std::make_unique<Hash>()) {
    buffer_.reserve(kBuffer);
    // What a writer that was killed has left. A file of its own: others may have that one open, or linked.
    ::unlink(beside_.c_str());
    descriptor_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor_ < 0) fail(path_, "written");
    if (::lseek(descriptor_, sizeof(Header), SEEK_SET) < 0) fail(beside_, "written");
    written_ = sizeof(Header);
}

SectionFileWriter::~SectionFileWriter() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(beside_.c_str());
}

void SectionFileWriter::begin(std::uint32_t kind, std::uint32_t number) {
    end_section();
    sections_.push_back({kind, number, written_, 0});
}

void SectionFileWriter::end_section() {
    if (!sections_.empty()) sections_.back().size = written_ - sections_.back().begin;
    pad();
}

void SectionFileWriter::pad() {
    static constexpr std::array<std::byte, kAlignment> kZeros{};
    write(std::span(kZeros).first((kAlignment - written_ % kAlignment) % kAlignment));
}

void SectionFileWriter::write(std::span<const std::byte> bytes) {
    written_ += bytes.size();
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min(bytes.size(), kBuffer - buffer_.size()));
        buffer_.insert(buffer_.end(), part.begin(), part.end());
        bytes = bytes.subspan(part.size());
        if (buffer_.size() == kBuffer) flush();
    }
}

void SectionFileWriter::flush() {
    XXH3_64bits_update(hash_->state, buffer_.data(), buffer_.size());
    for (std::span<const std::byte> rest = buffer_; !rest.empty();) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(beside_, "written");
        rest = rest.subspan(static_cast<std::size_t>(written));
    }
    buffer_.clear();
}

void SectionFileWriter::finish() {
    end_section();
    write(std::as_bytes(std::span(sections_)));
    flush();
    Header header{.version = info_.version, .keys = static_cast<std::uint32_t>(info_.key.size())};
    std::copy(info_.key.begin(), info_.key.end(), header.key.begin());
    header.bytes = written_;
    header.sections = sections_.size();
    header.checksum = XXH3_64bits_digest(hash_->state);
    header.header_checksum = checksum_of(header);
    if (::pwrite(descriptor_, &header, sizeof(header), 0) != static_cast<ssize_t>(sizeof(header)))
        fail(beside_, "written");
    struct stat status {};
    if (!like_.empty() && ::stat(like_.c_str(), &status) == 0)
        ::fchmod(descriptor_, status.st_mode & 0666);  // if it may not be, its owner alone reads it
    if (std::rename(beside_.c_str(), path_.c_str()) != 0) fail(path_, "replaced");
    ::close(std::exchange(descriptor_, -1));
}

SectionFile::SectionFile(const std::string& path) {
    MappedFile mapped = map_file(path);
    bytes_ = mapped.bytes;
    owner_ = std::move(mapped.owner);
    Header header;
    if (bytes_.size() < sizeof(header)) throw_corrupt("ends within its header");
    std::memcpy(&header, bytes_.data(), sizeof(header));
    if (header.magic != kMagic) throw_corrupt("does not begin as it should");
    if (header.header_checksum != checksum_of(header)) throw_corrupt("its header has another checksum");
    if (header.bytes != bytes_.size() || header.keys > kMostKeys) throw_corrupt("is of another length");
    const auto rest = bytes_.subspan(sizeof(header));
    if (header.sections > rest.size() / sizeof(Section)) throw_corrupt("has too many sections");
    if (header.checksum != XXH3_64bits(rest.data(), rest.size())) throw_corrupt("has another checksum");

    info_.version = header.version;
    info_.key.assign(header.key.begin(), header.key.begin() + header.keys);
    sections_.resize(header.sections);
    const std::size_t table = bytes_.size() - header.sections * sizeof(Section);
    std::memcpy(sections_.data(), bytes_.data() + table, header.sections * sizeof(Section));
    for (const Section& section : sections_) {
        if (section.begin % kAlignment != 0 || section.begin < sizeof(header) || section.begin > table ||
            section.size > table - section.begin) {
            throw_corrupt(fmt::format("section {} is not within it", section.kind));
        }
    }
}

const Section* SectionFile::find(std::uint32_t kind, std::uint32_t number) const noexcept {
    const auto found = std::find_if(sections_.begin(), sections_.end(), [&](const Section& section) {
        return section.kind == kind && section.number == number;
    });
    return found == sections_.end() ? nullptr : &*found;
}

bool SectionFile::has(std::uint32_t kind, std::uint32_t number) const noexcept {
    return find(kind, number) != nullptr;
}

std::span<const std::byte> SectionFile::section(std::uint32_t kind, std::uint32_t number) const {
    const Section* found = find(kind, number);
    if (found == nullptr) throw_corrupt(fmt::format("has no section {}", kind));
    return bytes_.subspan(found->begin, found->size);
}

void SectionFile::require_whole(std::size_t size, std::size_t of, std::uint32_t kind) {
    if (size % of != 0) throw_corrupt(fmt::format("section {} ends within a value", kind));
}

}  // namespace crowfly
