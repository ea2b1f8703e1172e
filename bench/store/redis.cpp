#include "bench/store/redis.h"

#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <hiredis/hiredis.h>

namespace crowfly::bench {
namespace {

struct Closer {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Closer>;

/// A connection, for one thread.
class Connection {
  public:
    explicit Connection(const std::string& socket) : context_(redisConnectUnix(socket.c_str())) {
        if (!context_ || context_->err != 0) throw std::runtime_error("Redis does not answer");
    }

    Reply ask(const std::vector<std::string>& words) {
        std::vector<const char*> texts;
        std::vector<std::size_t> lengths;
        for (const std::string& word : words) {
            texts.push_back(word.data());
            lengths.push_back(word.size());
        }
        Reply reply(static_cast<redisReply*>(
            redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), lengths.data())));
        if (!reply) throw std::runtime_error("Redis has gone");
        if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(reply->str);
        return reply;
    }

  private:
    std::unique_ptr<redisContext, Closer> context_;
};

class Redis final : public MixedSystem {
  public:
    Redis(std::unique_ptr<PeerProcess> server, const std::string& socket, const std::vector<LonLat>& places,
          const std::vector<LonLat>& queries, const std::vector<double>& reach)
        : server_(std::move(server)), queries_(queries), reach_(reach) {
        for (std::size_t i = 0; i < MixedPlan::kReaders; ++i) readers_.emplace_back(socket);
        for (std::size_t i = 0; i < MixedPlan::kWriters; ++i) writers_.emplace_back(socket);
        std::vector<PlaceMove> all;
        for (std::size_t i = 0; i < places.size(); ++i)
            all.push_back({static_cast<std::uint32_t>(i), places[i]});
        constexpr std::size_t kAtOnce = 10'000;
        for (std::size_t i = 0; i < all.size(); i += kAtOnce)
            move(0, std::span(all).subspan(i, std::min(kAtOnce, all.size() - i)));
    }

    void search(std::size_t reader, std::size_t query) override {
        readers_[reader].ask({"GEOSEARCH", "places", "FROMLONLAT", number(queries_[query].lon),
                              number(queries_[query].lat), "BYRADIUS", number(reach_[query]), "m", "ASC",
                              "COUNT", "10", "WITHDIST", "WITHCOORD"});
    }

    void move(std::size_t writer, std::span<const PlaceMove> moves) override {
        std::vector<std::string> words{"GEOADD", "places"};
        for (const PlaceMove& move : moves) {
            words.push_back(number(move.to.lon));
            words.push_back(number(move.to.lat));
            words.push_back(std::to_string(move.place));
        }
        writers_[writer].ask(words);
    }

    /// It keeps positions to within half a metre or so.
    bool sees(std::size_t writer, const PlaceMove& move) override {
        const Reply found = writers_[writer].ask({"GEOSEARCH", "places", "FROMLONLAT", number(move.to.lon),
                                                  number(move.to.lat), "BYRADIUS", "2", "m", "ASC"});
        for (std::size_t i = 0; i < found->elements; ++i) {
            if (std::to_string(move.place) == found->element[i]->str) return true;
        }
        return false;
    }

  private:
    static std::string number(double value) { return fmt::format("{:.7f}", value); }

    std::unique_ptr<PeerProcess> server_;
    const std::vector<LonLat>& queries_;
    const std::vector<double>& reach_;
    std::vector<Connection> readers_;
    std::vector<Connection> writers_;
};

}  // namespace

std::unique_ptr<MixedSystem> start_redis(const ExchangeDirectory& directory,
                                         const std::vector<LonLat>& places,
                                         const std::vector<LonLat>& queries,
                                         const std::vector<double>& reach) {
    auto server = std::make_unique<PeerProcess>(std::vector<std::string>{
        "/usr/bin/python3", "bench/peers/store_peers.py", "redis", directory.path().string()});
    std::string line;
    if (!server->read_line(line) || line != "ready") {
        fmt::print(stderr, "bench: Redis is skipped: it did not start\n");
        return nullptr;
    }
    return std::make_unique<Redis>(std::move(server), directory.file("redis.sock").string(), places, queries,
                                   reach);
}

}  // namespace crowfly::bench
