#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "formats/place_reader.h"

namespace crowfly {

/// The places of several files, one after the other, with a progress bar. While it lives, SIGINT and SIGTERM
/// end the reading with Error(cancelled).
class ChainedSource final : public PlaceSource {
  public:
    /// Opens all files, so that one that is missing is known before work starts.
    ChainedSource(const std::vector<std::string>& files, std::optional<PlaceFormat> format,
                  ReadOptions options, Rejects& rejects, std::string what);

    bool next(Place& place) override;
    void refuse(std::string_view member, const std::string& reason) override;

    /// That of the first file; see PlaceReader.
    std::string reference_system() const { return readers_.front()->reference_system(); }

  private:
    void beat();

    Interrupt interrupt_;
    std::vector<std::unique_ptr<PlaceReader>> readers_;
    std::size_t current_ = 0;
    std::uint64_t places_ = 0;
    std::uint64_t units_before_ = 0;  // of the files that are done
    std::uint64_t units_total_ = 0;
    Progress progress_;
};

}  // namespace crowfly
