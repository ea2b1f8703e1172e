#include "service/import_service.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/error.h"
#include "service/body_stream.h"
#include "service/media_types.h"
#include "store/embedded/open_store.h"

namespace crowfly {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".rejects.csv";

std::string_view name(ImportPhase phase) {
    switch (phase) {
        case ImportPhase::reading:
            return "reading";
        case ImportPhase::indexing:
            return "indexing";
        case ImportPhase::publishing:
            return "publishing";
        case ImportPhase::finished:
            return "finished";
        case ImportPhase::cancelled:
            return "cancelled";
        case ImportPhase::failed:
            break;
    }
    return "failed";
}

/// Whether the message is for the one who imports, and not for the log alone.
bool is_for_the_client(Code code) {
    return info(code).http_status < 500 || code == Code::cancelled || code == Code::unsupported ||
           code == Code::busy;
}

HttpResponse file_reply(const std::string& path) {
    auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    HttpResponse response{.content_type = media_type::kCsv};
    response.produce = [file](BodyStream& stream) {
        std::string piece(64U << 10U, '\0');
        while (file->read(piece.data(), static_cast<std::streamsize>(piece.size())), file->gcount() > 0) {
            if (!stream.write(std::string_view(piece).substr(0, static_cast<std::size_t>(file->gcount()))))
                return;
        }
        if (file->bad()) throw Error(Code::io, "the report of rejects cannot be read");
    };
    return response;
}

/// Lets go of a feed whose import could not even open it, so that what is fed is dropped.
class Reading {
  public:
    explicit Reading(std::shared_ptr<ByteFeed> feed) : feed_(std::move(feed)) {}
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { feed_->source(); }

    std::unique_ptr<ByteSource> open(std::stop_token stop) const { return feed_->source(std::move(stop)); }

  private:
    std::shared_ptr<ByteFeed> feed_;
};

}  // namespace

/// Where reports are, for their owner alone.
class ImportService::Directory {
  public:
    explicit Directory(const std::string& path)
        : path_(path.empty() ? fs::temp_directory_path() / ("crowfly-" + random_uuid()) : fs::path(path)) {
        std::error_code error;
        if (fs::create_directories(path_, error)) fs::permissions(path_, fs::perms::owner_all, error);
        if (!fs::is_directory(path_)) {
            throw Error(Code::io, fmt::format("{}: the directory for reports of rejects cannot be made: {}",
                                              path_.string(), error.message()));
        }
        for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
            if (entry.path().filename().string().ends_with(kEnding)) fs::remove(entry.path(), error);
        }
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    /// It stays while something is in it.
    ~Directory() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }

    std::string new_file() const { return (path_ / (random_uuid() + std::string(kEnding))).string(); }

  private:
    fs::path path_;
};

/// One of them, as others see it.
class ImportService::Run final : public Job {
  public:
    Run(ImportJobs& imports, const ImportStatus& started, std::shared_ptr<const Directory> directory)
        : imports_(imports),
          number_(started.number),
          collection_(started.collection),
          rejects_(started.rejects),
          directory_(std::move(directory)) {}
    ~Run() override {
        std::error_code ignored;
        fs::remove(rejects_, ignored);
    }

    std::string_view kind() const noexcept override { return "import"; }
    const std::string& collection() const noexcept override { return collection_; }
    void cancel() noexcept override { imports_.cancel(number_); }
    Role needed_to_cancel() const noexcept override { return Role::writer; }

    bool has_ended() const override {
        const auto status = imports_.find(number_);
        return !status || status->has_ended;
    }

    void write_status(JsonWriter& json) const override;

    std::optional<HttpResponse> product(std::string_view product) const override {
        if (product != "rejects" || !has_ended() || !fs::exists(rejects_)) return std::nullopt;
        return file_reply(rejects_);
    }

  private:
    ImportJobs& imports_;
    const std::uint64_t number_;
    const std::string collection_;
    const std::string rejects_;
    std::shared_ptr<const Directory> directory_;
};

void ImportService::Run::write_status(JsonWriter& json) const {
    const ImportStatus status = imports_.find(number_).value_or(ImportStatus());
    const ImportProgress& progress = status.progress;
    // Once all is there that it has made.
    json.key("status").string(status.has_ended ? name(progress.phase) : "running");
    json.key("phase").string(name(progress.phase));
    json.key("mode").string(status.mode == ImportMode::atomic ? "atomic" : "batches");
    json.key("rows_read").number(progress.read()).key("rows_valid").number(progress.valid);
    json.key("rows_rejected").number(progress.rejected).key("published").number(progress.published);
    json.key("seconds").rounded(progress.seconds, 3).key("rows_per_second").rounded(progress.rate(), 0);
    if (!status.error) return;
    const CodeInfo& code = info(*status.error);
    json.key("error").begin_object().key("code").string(code.name).key("title").string(code.title);
    json.key("detail").string(is_for_the_client(code.code) ? status.message : std::string(code.title));
    json.end_object();
}

// The registry of jobs forgets sooner than that of imports, which it asks.
ImportService::ImportService(ImportSettings settings, Catalog& catalog, Jobs& jobs)
    : settings_(std::move(settings)),
      catalog_(catalog),
      jobs_(jobs),
      rejects_(settings_.store != nullptr ? std::make_shared<const Directory>(settings_.rejects_directory)
                                          : nullptr),
      imports_(settings_.most_running, 2 * Jobs::kMostEnded) {}

ImportService::~ImportService() = default;

void ImportService::require_served() const {
    if (settings_.store == nullptr)
        throw Error(Code::unsupported, "this service reads places, and takes no imports");
    if (!settings_.store->open_store()->can_write)
        throw Error(Code::permission_denied, "the store is served for reading only; nothing was imported");
}

ImportOrder ImportService::order(const ImportRequest& request, std::shared_ptr<ByteFeed> feed) {
    ImportOrder order{.collection = request.schema.name,
                      .mode = request.options.mode,
                      .on_error = request.on_error,
                      .rejects = rejects_->new_file()};
    order.make = [this, into = request.into, schema = request.schema, options = request.options] {
        const EmbeddedStore& store = *settings_.store;
        if (into != nullptr) return std::make_unique<ImportJob>(store, *into, options);
        const NewCollection make{
            .schema = schema, .metrics = {MetricKind::spheroid}, .options = settings_.collections};
        return std::make_unique<ImportJob>(store, make, options);
    };
    const auto reading = std::make_shared<const Reading>(std::move(feed));
    order.open = [reading, format = request.format, read = request.read](Rejects& rejects,
                                                                         std::stop_token stop) {
        return read_places(Input("upload", reading->open(std::move(stop))), format, read, rejects);
    };
    order.published = [this](ImportJob& job) {
        if (auto made = job.take_collection()) catalog_.add(std::move(made));
    };
    order.ended = [this](const ImportStatus& status) {
        if (status.error && !is_for_the_client(*status.error))
            spdlog::error("import into {}: {}", status.collection, status.message);
        if (settings_.ended) settings_.ended(status);
    };
    return order;
}

ImportService::Begun ImportService::begin(const ImportRequest& request) {
    auto feed = std::make_shared<ByteFeed>();
    ImportOrder ordered = order(request, feed);
    ImportStatus started{.collection = ordered.collection, .rejects = ordered.rejects};
    started.number = imports_.start(std::move(ordered));
    auto run = std::make_shared<Run>(imports_, started, rejects_);
    return {.id = jobs_.add(run), .job = run, .feed = std::move(feed)};
}

}  // namespace crowfly
