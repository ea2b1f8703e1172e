#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include "service/metrics.h"

namespace crowfly {
namespace {

std::vector<Reading> one(double value) {
    return {{"", value}};
}

/// Resident memory, in pages: the second number of /proc/self/statm (proc(5)).
double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double all = 0;
    double resident = 0;
    statm >> all >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double processor_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double entries_of(const char* directory) {
    std::error_code failed;
    double count = 0;
    for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed))
        ++count;
    return count;
}

double most_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void add_process_metrics(Metrics& metrics) {
    const double started =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    // The names that Prometheus recommends to all programs.
    metrics.add_gauge("process_resident_memory_bytes", "Resident memory", "",
                      [] { return one(resident_bytes()); });
    metrics.add_counter("process_cpu_seconds_total", "Processor time", "",
                        [] { return one(processor_seconds()); });
    metrics.add_gauge("process_open_fds", "Open files and connections", "",
                      [] { return one(entries_of("/proc/self/fd")); });
    metrics.add_gauge("process_max_fds", "How many there may be", "", [] { return one(most_files()); });
    metrics.add_gauge("process_threads", "Threads", "", [] { return one(entries_of("/proc/self/task")); });
    metrics.add_gauge("process_start_time_seconds", "When the service started, since 1970", "",
                      [started] { return one(started); });
}

}  // namespace crowfly
