#include "service/connection.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "service/body_stream.h"
#include "service/incoming_body.h"
#include "service/problem.h"
#include "service/reply_text.h"

namespace crowfly {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t kReadSize = 16U << 10U;
// Replies gathered for pipelined requests are sent when they are this long.
constexpr std::size_t kWriteSize = 256U << 10U;
constexpr std::chrono::seconds kDrainTime{2};
constexpr auto kNever = Connection::Clock::time_point::max();

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

using Message = http::request<IncomingBodyType>;

/// Why the header cannot be taken (RFC 9112, 3.2 and 6.1); empty when it can.
std::string_view header_fault(const Message& request) {
    const bool is_1_1 = request.version() == 11;
    const auto hosts = request.count(http::field::host);
    if (hosts > 1 || (is_1_1 && hosts == 0)) return "the request must have one Host";
    const auto encodings = request.count(http::field::transfer_encoding);
    if (encodings == 0) return {};
    if (!is_1_1 || encodings > 1 ||
        !boost::beast::iequals(request[http::field::transfer_encoding], "chunked")) {
        return "the only Transfer-Encoding taken is chunked, in HTTP/1.1";
    }
    return {};
}

using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

/// A target without the scheme and the authority that its absolute-form has (RFC 9112, 3.2.2).
std::string_view without_authority(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        const std::string_view start = target.substr(0, scheme.size());
        if (!boost::beast::iequals({start.data(), start.size()}, {scheme.data(), scheme.size()})) continue;
        const std::size_t end = target.find_first_of("/?", scheme.size());
        return target.substr(std::min(end, target.size()));
    }
    return target;
}

/// `Stream` is a socket, or a socket with TLS.
template <class Stream>
class StreamConnection final : public Connection {
  public:
    StreamConnection(const ServerLimits& limits, RequestHandler& handler, ConnectionSet& all,
                     asio::ip::tcp::socket socket)
        : Connection(all), stream_(std::move(socket)), limits_(limits), handler_(handler) {
        begin();
    }

    StreamConnection(const ServerLimits& limits, RequestHandler& handler, ConnectionSet& all,
                     asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls)
        : Connection(all),
          tls_(std::move(tls)),
          stream_(std::move(socket), *tls_),
          limits_(limits),
          handler_(handler) {
        begin();
    }

    ~StreamConnection() override { let_go(); }

    void start() override {
        deadline_ = Clock::now() + limits_.idle;
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            deadline_ = Clock::now() + limits_.request;
            state_ = State::shaking_hands;
            stream_.async_handshake(TlsStream::server, [self = self()](boost::system::error_code error) {
                if (error || self->state_ != State::shaking_hands) return self->close();
                self->state_ = State::reading;
                self->deadline_ = Clock::now() + self->limits_.idle;
                self->read();
            });
        } else {
            read();
        }
    }

    void enforce_deadline(Clock::time_point now) override {
        if (now > deadline_) close();
    }

    void finish() override {
        close_after_write_ = true;
        const bool is_idle = state_ == State::reading && !writing_;
        if (is_idle || state_ == State::shaking_hands || state_ == State::uploading) close();
    }

    void abandon() override { close(); }

    void reply_later(HttpResponse response) override {
        asio::post(stream_.get_executor(),
                   [self = self(), response = std::move(response)] { self->on_reply(response); });
    }

    std::stop_token stop_token() const override { return gone_.get_token(); }

    void release(std::shared_ptr<Responder::Target> target) noexcept override {
        asio::post(stream_.get_executor(), [target = std::move(target)] {});
    }

  private:
    void begin() {
        boost::system::error_code ignored;
        peer_ = stream_.lowest_layer().remote_endpoint(ignored).address();
        new_parser();
    }

    using Parser = http::request_parser<IncomingBodyType>;

    enum class State {
        shaking_hands,  ///< of TLS
        reading,        ///< requests
        uploading,      ///< who takes the body has no room
        handling,       ///< the reply is being made elsewhere
        streaming,      ///< a reply's stream is sent
        draining,       ///< after the last reply
        closed,
    };

    std::shared_ptr<StreamConnection> self() {
        return std::static_pointer_cast<StreamConnection>(shared_from_this());
    }

    void new_parser() {
        parser_.emplace();
        parser_->eager(false);  // so that the header is judged before the body is read
        parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
        parser_->body_limit(boost::none);  // it is kept by IncomingBody
        header_parsed_ = 0;
        admitted_ = false;
        continue_sent_ = false;
        request_ = {};
    }

    /// At most one read is under way. It goes on while a reply is made elsewhere, so that one learns when the
    /// client leaves.
    void read() {
        if (reading_) return;
        if (in_begin_ > 0) {
            std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
            in_end_ -= in_begin_;
            in_begin_ = 0;
        }
        if (in_.size() - in_end_ < kReadSize) in_.resize(in_end_ + kReadSize);
        reading_ = true;
        stream_.async_read_some(asio::buffer(in_.data() + in_end_, in_.size() - in_end_),
                                [self = self()](boost::system::error_code error, std::size_t size) {
                                    self->reading_ = false;
                                    if (error) return self->on_read_error(error);
                                    if (self->state_ == State::draining) return self->forget();
                                    self->on_read(size);
                                });
    }

    /// A client that has ended its side still gets the replies to what it has sent, but for those that are
    /// made elsewhere: it may have left, and they may take long. The next read finds the end again.
    void on_read_error(boost::system::error_code error) {
        if (error == asio::error::eof && writing_ && state_ == State::reading) return;
        close();
    }

    void on_read(std::size_t size) {
        const bool first_byte_of_a_request =
            state_ == State::reading && in_begin_ == in_end_ && !parser_->got_some();
        in_end_ += size;
        if (state_ != State::reading) return;
        if (first_byte_of_a_request || request_.upload) deadline_ = Clock::now() + limits_.request;
        process();
    }

    /// Answers all requests that are whole, then writes or reads on.
    void process() {
        if (writing_) return;
        while (!close_after_write_ && state_ == State::reading && out_.size() < kWriteSize && parse_some())
            answer();
        const bool has_replies = !out_.empty();
        if (has_replies) write();
        if (state_ == State::handling || (state_ == State::reading && !has_replies)) read();
    }

    /// Feeds the parser; true when it has a whole request. One that does not parse, or that others might read
    /// as another request than this does, is refused.
    bool parse_some() {
        while (in_begin_ < in_end_ && !parser_->is_done()) {
            boost::beast::error_code error;
            const std::size_t used =
                parser_->put(asio::const_buffer(in_.data() + in_begin_, in_end_ - in_begin_), error);
            in_begin_ += used;
            if (!admitted_ && header_size(used) > limits_.header_bytes) error = http::error::header_limit;
            if (error && error != http::error::need_more) {
                refuse(error);
                return false;
            }
            if (parser_->is_header_done() && !admitted_ && !admit()) {
                if (close_after_write_) return false;
                continue;
            }
            if (!pass_on_body()) return false;
            if (error || used == 0) break;
        }
        if (parser_->is_done()) {
            if (!has_trailer()) return pass_on_body();
            refuse(problem_of_status(400, "fields behind a body in chunks are not taken"));
            return false;
        }
        if (!parser_->is_header_done()) return false;
        // What the parser cannot take yet is at most the line that announces a chunk, or the fields behind
        // the last.
        if (in_end_ - in_begin_ > limits_.header_bytes) {
            refuse(problem_of_status(431, "the line of a chunk, or the trailer, is too long"));
            return false;
        }
        if (!continue_sent_ && parser_->get().version() == 11 &&
            boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
            continue_sent_ = true;
            out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        return false;
    }

    /// With what is there of it. The parser's own limit is for what it is given at a time.
    std::size_t header_size(std::size_t more_parsed) {
        header_parsed_ += more_parsed;
        return header_parsed_ + (parser_->is_header_done() ? 0 : in_end_ - in_begin_);
    }

    /// Judges the header, once; false when the request is refused by it. Then the next one can be read,
    /// unless this one has a body that nobody wants.
    bool admit() {
        admitted_ = true;
        Message& message = parser_->get();
        if (const std::string_view fault = header_fault(message); !fault.empty()) {
            refuse(problem_of_status(400, fault));
            return false;
        }
        const std::string_view whole_target = view(message.target());
        const std::string_view target = without_authority(whole_target);
        const std::size_t query = std::min(target.find('?'), target.size());
        request_.method = view(message.method_string());
        request_.path = target.substr(0, query);
        if (query == 0 && target.size() < whole_target.size()) request_.path = "/";
        request_.query = target.substr(std::min(query + 1, target.size()));
        request_.peer = peer_;
        request_.fields = &message.base();
        Admission admission = handler_.admit(request_);
        request_.notes = std::move(admission.notes);
        if (admission.refusal) {
            const bool is_whole = parser_->is_done();
            handler_.replied(request_, *admission.refusal, {});
            reply(*admission.refusal, is_whole && parser_->keep_alive());
            new_parser();
            return false;
        }
        fields_ = field_count();
        message.body().most = admission.most_body_bytes;
        most_body_bytes_ = admission.most_body_bytes;
        request_.upload = std::move(admission.upload);
        if (const auto length = parser_->content_length(); length && *length > most_body_bytes_) {
            refuse(http::error::body_limit);
            return false;
        }
        parser_->eager(true);
        return true;
    }

    /// The parser adds fields behind the body to those of the header, which were judged already.
    bool has_trailer() const { return field_count() != fields_; }

    /// Of a request in chunks; others have no trailer.
    std::size_t field_count() const {
        if (!parser_->chunked()) return 0;
        const auto& fields = parser_->get().base();
        return static_cast<std::size_t>(std::distance(fields.begin(), fields.end()));
    }

    /// Gives what is there of the body to the upload, if there is one; false while that has no room.
    bool pass_on_body() {
        if (!request_.upload) return true;
        IncomingBody& body = parser_->get().body();
        if (body.text.empty()) return true;
        const std::size_t size = body.text.size();
        const bool taken = request_.upload->offer(body.text, waker(&StreamConnection::go_on_uploading));
        if (!taken) {
            state_ = State::uploading;
            kept_ = self();
            deadline_ = kNever;
            return false;
        }
        body.taken += size;
        body.text.clear();
        return true;
    }

    void go_on_uploading() {
        const auto kept = std::move(kept_);
        if (state_ != State::uploading) return;
        state_ = State::reading;
        deadline_ = Clock::now() + limits_.request;
        process();
    }

    void answer() {
        request_.body = request_.upload ? std::string_view() : parser_->get().body().text;
        if (request_.upload) request_.upload->finish();
        asked_ = Clock::now();
        const auto response = handler_.handle(request_, [this] {
            state_ = State::handling;
            return Responder(self());
        });
        if (!response) {
            deadline_ = kNever;
            return;
        }
        complete(*response);
    }

    /// The reply that came later.
    void on_reply(const HttpResponse& response) {
        if (state_ != State::handling) {
            if (response.stream) response.stream->abandon();  // whoever writes it must not wait for ever
            return;
        }
        state_ = State::reading;
        complete(response);
        process();
    }

    void complete(const HttpResponse& response) {
        handler_.replied(request_, response, Clock::now() - asked_);
        reply(response, parser_->keep_alive() && !close_after_write_);
        new_parser();
        deadline_ = Clock::now() + limits_.request;
    }

    void refuse(boost::beast::error_code error) {
        if (error == http::error::body_limit) {
            refuse(problem_of(Error(
                Code::too_large, "the body is longer than " + std::to_string(most_body_bytes_) + " bytes")));
        } else if (error == http::error::header_limit) {
            refuse(problem_of_status(
                431, "the header is longer than " + std::to_string(limits_.header_bytes) + " bytes"));
        } else {
            refuse(problem_of_status(400, "the request is not HTTP/1.1: " + error.message()));
        }
    }

    void refuse(const HttpResponse& response) {
        request_.upload.reset();
        handler_.replied(request_, response, {});
        reply(response, false);
    }

    void reply(const HttpResponse& response, bool keep_alive) {
        const unsigned version = parser_->is_header_done() ? parser_->get().version() : 11;
        const bool with_body = request_.method != "HEAD";
        framing_ = Framing::length;
        if (response.stream) framing_ = version == 11 ? Framing::chunks : Framing::close;
        if (framing_ == Framing::close) keep_alive = false;
        if (!keep_alive) close_after_write_ = true;
        append_reply_header(out_, response, framing_, keep_alive, version);
        if (with_body) append_body(out_, response.body, framing_);
        if (!response.stream) return;
        if (!with_body) return response.stream->abandon();
        stream_body_ = response.stream;
        state_ = State::streaming;
    }

    /// Writes what the stream has; or waits for it, and meanwhile for the client to leave.
    void send_stream() {
        std::string text;
        const auto stream_state = stream_body_->take(text, waker(&StreamConnection::go_on_streaming));
        if (stream_state == BodyStream::State::broken) return close();
        append_body(out_, text, framing_);
        if (stream_state == BodyStream::State::ended) {
            append_body_end(out_, framing_);
            stream_body_.reset();
            state_ = State::reading;
        }
        if (!out_.empty()) return write();
        if (stream_state == BodyStream::State::ended) return go_on();
        deadline_ = kNever;
        kept_ = self();
        if (in_end_ - in_begin_ < kReadSize) read();
    }

    void go_on_streaming() {
        const auto kept = std::move(kept_);
        if (state_ == State::streaming && !writing_) send_stream();
    }

    /// What others call, from any thread, to have that done. They keep nobody alive with it: who lets go of a
    /// connection last must be its own thread.
    std::function<void()> waker(void (StreamConnection::*go_on)()) {
        return [known = std::weak_ptr<StreamConnection>(self()), go_on] {
            auto self = known.lock();
            if (!self) return;
            const auto executor = self->stream_.get_executor();
            asio::post(executor, [self = std::move(self), go_on] { (self.get()->*go_on)(); });
        };
    }

    void write() {
        out_.swap(sent_);
        writing_ = true;
        deadline_ = Clock::now() + limits_.write;
        asio::async_write(stream_, asio::buffer(sent_),
                          [self = self()](boost::system::error_code error, std::size_t /*size*/) {
                              self->writing_ = false;
                              self->sent_.clear();
                              if (error) return self->close();
                              self->go_on();
                          });
    }

    /// When all that there was to be written is.
    void go_on() {
        if (!out_.empty()) return write();
        switch (state_) {
            case State::streaming:
                return send_stream();
            case State::handling:
                deadline_ = kNever;
                return;
            case State::uploading:
                deadline_ = kNever;
                return;
            case State::reading:
                break;
            case State::shaking_hands:
            case State::draining:
            case State::closed:
                return;
        }
        if (close_after_write_) return drain();
        const bool between_requests = in_begin_ == in_end_ && !parser_->got_some();
        deadline_ = Clock::now() + (between_requests ? limits_.idle : limits_.request);
        process();
    }

    /// Closing now, with bytes of the client unread, would reset the connection and could take the reply with
    /// it.
    void drain() {
        state_ = State::draining;
        deadline_ = Clock::now() + kDrainTime;
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            // It also waits for the client to say the same.
            stream_.async_shutdown([self = self()](boost::system::error_code /*error*/) { self->close(); });
        } else {
            boost::system::error_code ignored;
            stream_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
            if (!reading_) forget();
        }
    }

    /// Reads and forgets until the client closes its side or the deadline does.
    void forget() {
        in_.resize(std::max(in_.size(), kReadSize));
        stream_.async_read_some(asio::buffer(in_.data(), in_.size()),
                                [self = self()](boost::system::error_code error, std::size_t /*size*/) {
                                    if (error) return self->close();
                                    self->forget();
                                });
    }

    void close() noexcept {
        state_ = State::closed;
        release(self());  // what is let go may be all that holds it
        let_go();
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

    /// Of those who make a reply or take a body.
    void let_go() noexcept {
        gone_.request_stop();
        if (stream_body_) stream_body_->abandon();
        stream_body_.reset();
        request_.upload.reset();
        kept_.reset();
    }

    std::shared_ptr<asio::ssl::context> tls_;  // null without TLS
    Stream stream_;
    const ServerLimits& limits_;
    RequestHandler& handler_;
    asio::ip::address peer_;
    State state_ = State::reading;
    std::stop_source gone_;
    std::optional<Parser> parser_;
    HttpRequest request_;  // once its header is there
    std::size_t most_body_bytes_ = 0;
    std::size_t header_parsed_ = 0;  // bytes
    std::size_t fields_ = 0;         // of the header
    bool admitted_ = false;
    bool continue_sent_ = false;  // "100 Continue" for the request under way
    bool close_after_write_ = false;
    bool reading_ = false;
    bool writing_ = false;
    Clock::time_point asked_;
    Clock::time_point deadline_;
    std::string in_;
    std::size_t in_begin_ = 0;                 // what lies before has been parsed
    std::size_t in_end_ = 0;                   // what lies behind is room
    std::string out_;                          // to be written next
    std::string sent_;                         // being written
    std::shared_ptr<BodyStream> stream_body_;  // of the reply under way
    Framing framing_ = Framing::length;        // of that reply
    std::shared_ptr<StreamConnection> kept_;   // this, while it waits for others alone
};

}  // namespace

std::shared_ptr<Connection> Connection::make(asio::ip::tcp::socket socket, const ServerLimits& limits,
                                             RequestHandler& handler, ConnectionSet& all) {
    return std::make_shared<StreamConnection<asio::ip::tcp::socket>>(limits, handler, all, std::move(socket));
}

std::shared_ptr<Connection> Connection::make(asio::ip::tcp::socket socket,
                                             std::shared_ptr<asio::ssl::context> tls,
                                             const ServerLimits& limits, RequestHandler& handler,
                                             ConnectionSet& all) {
    return std::make_shared<StreamConnection<TlsStream>>(limits, handler, all, std::move(socket),
                                                         std::move(tls));
}

}  // namespace crowfly
