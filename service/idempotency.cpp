#include "service/idempotency.h"

#include <algorithm>
#include <array>

#include <xxhash.h>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::chrono::hours kKept{24};

std::size_t size_of(const HttpResponse& response) {
    std::size_t size = sizeof(HttpResponse) + response.body.size();
    for (const auto& [name, value] : response.headers) size += name.size() + value.size();
    return size;
}

void require_valid_key(std::string_view key) {
    const bool is_printable = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!is_printable || key.size() > Idempotency::kLongestKey)
        throw Error(Code::malformed,
                    "Idempotency-Key: expected 1 to 255 printable characters without blanks");
}

}  // namespace

Idempotency::Fingerprint Idempotency::fingerprint_of(const HttpRequest& request) {
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                                XXH3_freeState);
    if (!state) throw std::bad_alloc();
    XXH3_128bits_reset(state.get());
    for (const std::string_view part :
         {request.method, request.path, request.query, request.header("Content-Type"), request.body}) {
        const std::uint64_t size = part.size();
        XXH3_128bits_update(state.get(), &size, sizeof(size));
        XXH3_128bits_update(state.get(), part.data(), part.size());
    }
    const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
    return {hash.low64, hash.high64};
}

Idempotency::Attempt::~Attempt() {
    if (replies_ != nullptr) replies_->forget(key_);
}

void Idempotency::Attempt::finish(const HttpResponse& response) {
    if (replies_ == nullptr) return;
    const bool was_done = response.status >= 200 && response.status < 300 && !response.produce;
    if (!was_done) return;
    replies_->keep(key_, response);
    replies_ = nullptr;
}

Idempotency::Begun Idempotency::begin(const HttpRequest& request, std::string_view principal) {
    const std::string_view given = request.header("Idempotency-Key");
    if (given.empty()) return {};
    require_valid_key(given);
    const Fingerprint fingerprint = fingerprint_of(request);
    // No principal's id has a line break.
    std::string key = std::string(principal) + '\n' + std::string(given);
    const std::lock_guard lock(mutex_);
    forget_old();
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
        const Entry& entry = *known->second;
        if (entry.fingerprint != fingerprint) {
            throw Error(Code::invalid_argument,
                        "Idempotency-Key: another request had this key; each request needs one of its own");
        }
        if (!entry.reply)
            throw Error(Code::conflict, "Idempotency-Key: the request with this key is still being done");
        Begun begun{.reply = entry.reply};
        begun.reply->headers.emplace_back("Idempotency-Replayed", "true");
        return begun;
    }
    begun_.push_back({key, fingerprint, clock_()});
    by_key_.emplace(begun_.back().key, std::prev(begun_.end()));
    return {.attempt = Attempt(*this, std::move(key))};
}

HttpResponse Idempotency::once(const HttpRequest& request, std::string_view principal,
                               const std::function<HttpResponse()>& work) {
    Begun begun = begin(request, principal);
    if (begun.reply) return *std::move(begun.reply);
    HttpResponse response = work();
    begun.attempt.finish(response);
    return response;
}

void Idempotency::keep(const std::string& key, const HttpResponse& response) {
    const std::lock_guard lock(mutex_);
    const auto entry = by_key_.at(key);
    entry->reply = response;
    entry->time = clock_();
    bytes_ += size_of(response);
    done_.splice(done_.end(), begun_, entry);
    forget_old();
}

void Idempotency::forget(const std::string& key) noexcept {
    const std::lock_guard lock(mutex_);
    const auto entry = by_key_.find(key)->second;
    by_key_.erase(entry->key);
    begun_.erase(entry);
}

void Idempotency::forget_old() {
    const auto too_old = clock_() - kKept;
    while (!done_.empty() &&
           (done_.size() > most_replies_ || bytes_ > kMostBytes || done_.front().time < too_old)) {
        bytes_ -= size_of(*done_.front().reply);
        by_key_.erase(done_.front().key);
        done_.pop_front();
    }
}

}  // namespace crowfly
