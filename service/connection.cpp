#include "service/connection.h"

#include <charconv>
#include <cstring>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "service/problem.h"

namespace crowfly {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t kReadSize = 16U << 10U;
// Replies gathered for pipelined requests are sent when they are this long.
constexpr std::size_t kWriteSize = 256U << 10U;
constexpr std::chrono::seconds kDrainTime{2};

void append_number(std::string& out, std::size_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

/// Why the header cannot be taken (RFC 9112, 3.2 and 6.1); empty when it can.
std::string_view header_fault(const http::request<http::string_body>& request) {
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

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const ServerLimits& limits,
                       const Server::Handler& handler, ConnectionSet& all)
    : socket_(std::move(socket)), limits_(limits), handler_(handler), all_(all) {
    all_.insert(this);
    new_parser();
}

void Connection::new_parser() {
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser_->body_limit(limits_.body_bytes);
    continue_sent_ = false;
}

void Connection::start() {
    deadline_ = Clock::now() + limits_.idle;
    read();
}

void Connection::read() {
    state_ = State::reading;
    if (in_begin_ > 0) {
        std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
        in_end_ -= in_begin_;
        in_begin_ = 0;
    }
    if (in_.size() - in_end_ < kReadSize) in_.resize(in_end_ + kReadSize);
    socket_.async_read_some(asio::buffer(in_.data() + in_end_, in_.size() - in_end_),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
                                if (error) return self->close();
                                self->on_read(size);
                            });
}

void Connection::on_read(std::size_t size) {
    const bool first_byte_of_a_request = in_begin_ == in_end_ && !parser_->got_some();
    if (first_byte_of_a_request) deadline_ = Clock::now() + limits_.request;
    in_end_ += size;
    process();
}

/// Answers all requests that are whole, then writes or reads on.
void Connection::process() {
    while (!close_after_write_ && out_.size() < kWriteSize && parse_some()) answer();
    if (out_.empty()) {
        read();
    } else {
        write();
    }
}

/// Feeds the parser; true when it has a whole request. One that does not parse, or that others might read as
/// another request than this does, is refused.
bool Connection::parse_some() {
    while (in_begin_ < in_end_) {
        boost::beast::error_code error;
        const std::size_t used =
            parser_->put(asio::const_buffer(in_.data() + in_begin_, in_end_ - in_begin_), error);
        in_begin_ += used;
        if (error && error != http::error::need_more) {
            refuse(error);
            return false;
        }
        if (parser_->is_header_done()) {
            if (const std::string_view fault = header_fault(parser_->get()); !fault.empty()) {
                reply(problem_of_status(400, fault), false, true, 11);
                return false;
            }
        }
        if (parser_->is_done()) return true;
        if (error || used == 0) break;
    }
    if (!parser_->is_header_done()) return false;
    // What the parser cannot take yet is at most the line that announces a chunk, or the fields behind the
    // last.
    if (in_end_ - in_begin_ > limits_.header_bytes) {
        reply(problem_of_status(431, "the line of a chunk, or the trailer, is too long"), false, true, 11);
        return false;
    }
    if (!continue_sent_ && parser_->get().version() == 11 &&
        boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
        continue_sent_ = true;
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    return false;
}

void Connection::answer() {
    const auto& message = parser_->get();
    const std::string_view target(message.target().data(), message.target().size());
    const std::string_view method(message.method_string().data(), message.method_string().size());
    const HttpRequest request{
        .method = method, .path = target.substr(0, target.find('?')), .body = message.body()};
    reply(handler_(request), parser_->keep_alive(), method != "HEAD", message.version());
    new_parser();
    deadline_ = Clock::now() + limits_.request;
}

void Connection::refuse(boost::beast::error_code error) {
    HttpResponse response;
    if (error == http::error::body_limit) {
        response = problem_of(Error(
            Code::too_large, "the body is longer than " + std::to_string(limits_.body_bytes) + " bytes"));
    } else if (error == http::error::header_limit) {
        response = problem_of_status(
            431, "the header is longer than " + std::to_string(limits_.header_bytes) + " bytes");
    } else {
        response = problem_of_status(400, "the request is not HTTP/1.1: " + error.message());
    }
    reply(response, false, true, 11);
}

void Connection::reply(const HttpResponse& response, bool keep_alive, bool with_body, unsigned version) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    out_ += "HTTP/1.1 ";
    append_number(out_, static_cast<std::size_t>(response.status));
    out_ += ' ';
    out_.append(reason.data(), reason.size());
    out_ += "\r\nContent-Type: ";
    out_ += response.content_type;
    out_ += "\r\nContent-Length: ";
    append_number(out_, response.body.size());
    if (!response.allow.empty()) {
        out_ += "\r\nAllow: ";
        out_ += response.allow;
    }
    if (!keep_alive) {
        out_ += "\r\nConnection: close";
        close_after_write_ = true;
    } else if (version == 10) {
        out_ += "\r\nConnection: keep-alive";
    }
    out_ += "\r\n\r\n";
    if (with_body) out_ += response.body;
}

void Connection::write() {
    state_ = State::writing;
    deadline_ = Clock::now() + limits_.write;
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this()](boost::system::error_code error, std::size_t /*size*/) {
                          if (error) return self->close();
                          self->on_written();
                      });
}

void Connection::on_written() {
    out_.clear();
    if (close_after_write_) {
        // Closing now, with bytes of the client unread, would reset the connection and could take the reply
        // with it.
        boost::system::error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        deadline_ = Clock::now() + kDrainTime;
        drain();
        return;
    }
    const bool between_requests = in_begin_ == in_end_ && !parser_->got_some();
    deadline_ = Clock::now() + (between_requests ? limits_.idle : limits_.request);
    process();
}

/// Reads and forgets until the client closes its side or the deadline does.
void Connection::drain() {
    state_ = State::draining;
    in_.resize(std::max(in_.size(), kReadSize));
    socket_.async_read_some(
        asio::buffer(in_.data(), in_.size()),
        [self = shared_from_this()](boost::system::error_code error, std::size_t /*size*/) {
            if (error) return self->close();
            self->drain();
        });
}

void Connection::enforce_deadline(Clock::time_point now) {
    if (now > deadline_) close();
}

void Connection::finish() {
    close_after_write_ = true;
    if (state_ == State::reading) close();
}

void Connection::close() noexcept {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace crowfly
