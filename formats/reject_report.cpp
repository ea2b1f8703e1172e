#include "formats/reject_report.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/csv_writer.h"

namespace crowfly {

RejectReport::RejectReport(const std::string& path) : path_(path) {
    errno = 0;
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (file_) {
        file_ << "file,line,column,reason,row\n";
        return;
    }
    const int error = errno;
    throw Error(error == EACCES ? Code::permission_denied : Code::io,
                fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
}

void RejectReport::add(const Reject& reject) {
    line_.clear();
    write_csv_field(line_, reject.file);
    line_ += reject.line > 0 ? fmt::format(",{}", reject.line) : ",";
    for (const std::string* field : {&reject.column, &reject.reason, &reject.row}) {
        line_ += ',';
        write_csv_field(line_, *field);
    }
    line_ += '\n';
    file_ << line_;
}

void RejectReport::finish() {
    file_.close();
    if (!file_) throw Error(Code::io, path_ + ": the rejects could not be written to the end");
}

}  // namespace crowfly
