#pragma once

#include <fstream>
#include <string>

#include "formats/rejects.h"

namespace crowfly {

/// Rejects as a CSV file that a table program opens: `file,line,column,reason,row`, where `row` is the row as
/// it stands in the file, so that those that were mended can be imported again. A line of 0, of a file
/// without lines, is left empty.
class RejectReport {
  public:
    /// Makes the file, or empties it. Throws Error(io or permission_denied).
    explicit RejectReport(const std::string& path);

    void add(const Reject& reject);

    /// Throws Error(io) unless all rejects are in the file. To be called at the end.
    void finish();

  private:
    std::string path_;
    std::ofstream file_;
    std::string line_;
};

}  // namespace crowfly
