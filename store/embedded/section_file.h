#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace crowfly {

/// What a file of sections says of itself.
struct SectionFileInfo {
    std::uint32_t version = 0;            ///< of what is in the sections
    std::vector<std::uint64_t> key = {};  ///< what it was made from; see docs/format.md
};

/// Where a section is, and what it holds.
struct Section {
    std::uint32_t kind;
    std::uint32_t number;  ///< tells sections of one kind apart
    std::uint64_t begin;   ///< a multiple of 64
    std::uint64_t size;    ///< bytes
};

/// Writes a file of sections beside its place, with `.part` after its name, from front to back, and then
/// moves it there. Nothing waits for the disk: a file that a power failure leaves torn has another checksum.
/// Without `finish` there is no file. One at a time may be written for a path.
class SectionFileWriter {
  public:
    /// Whoever may read the file `like` may read this one; without one its owner alone. Throws
    /// Error(permission_denied) or Error(io), as all of it does.
    SectionFileWriter(const std::string& path, SectionFileInfo info, std::string like = {});
    SectionFileWriter(const SectionFileWriter&) = delete;
    SectionFileWriter& operator=(const SectionFileWriter&) = delete;
    ~SectionFileWriter();

    /// What is written from now on is in this section.
    void begin(std::uint32_t kind, std::uint32_t number = 0);
    void write(std::span<const std::byte> bytes);

    template <class T>
    void write(std::span<const T> values) {
        write(std::as_bytes(values));
    }
    template <class T>
    void write_value(const T& value) {
        write(std::as_bytes(std::span(&value, 1)));
    }

    void finish();

  private:
    struct Hash;

    void end_section();
    void pad();
    void flush();

    std::string path_;
    std::string beside_;
    std::string like_;
    int descriptor_ = -1;
    SectionFileInfo info_;
    std::vector<Section> sections_;
    std::uint64_t written_ = 0;
    std::vector<std::byte> buffer_;
    std::unique_ptr<Hash> hash_;
};

/// Such a file in memory, which must not be written to as long as `owner` is held.
class SectionFile {
  public:
    /// Trusts nothing: throws Error(corrupt) that says what is wrong unless header, table of sections and
    /// checksum agree, and Error(not_found), Error(permission_denied) or Error(io). Cost: O(bytes).
    explicit SectionFile(const std::string& path);

    const SectionFileInfo& info() const noexcept { return info_; }
    const std::shared_ptr<const void>& owner() const noexcept { return owner_; }

    bool has(std::uint32_t kind, std::uint32_t number = 0) const noexcept;

    /// Throws Error(corrupt) when there is none.
    std::span<const std::byte> section(std::uint32_t kind, std::uint32_t number = 0) const;

    /// The same as values. Throws Error(corrupt) when its size is no multiple of theirs.
    template <class T>
    std::span<const T> values(std::uint32_t kind, std::uint32_t number = 0) const {
        const auto bytes = section(kind, number);
        require_whole(bytes.size(), sizeof(T), kind);
        return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
    }

  private:
    const Section* find(std::uint32_t kind, std::uint32_t number) const noexcept;
    static void require_whole(std::size_t size, std::size_t of, std::uint32_t kind);

    SectionFileInfo info_;
    std::vector<Section> sections_;
    std::span<const std::byte> bytes_;
    std::shared_ptr<const void> owner_;
};

}  // namespace crowfly
