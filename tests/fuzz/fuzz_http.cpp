#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "service/body_stream.h"
#include "service/connection.h"
#include "tests/fuzz/fuzz_input.h"

namespace crowfly {
namespace {

/// Takes a body piece by piece, and has room for every other piece only when asked twice.
class FuzzUpload final : public Upload {
  public:
    bool offer(std::string& piece, std::function<void()> when_room) override {
        if (std::exchange(has_room_, !has_room_)) {
            body += piece;
            piece.clear();
            return true;
        }
        when_room();
        return false;
    }
    void finish() override {}

    std::string body;

  private:
    bool has_room_ = true;
};

/// Answers in all ways that there are, by the path, and keeps what it was asked.
class Recorder final : public RequestHandler {
  public:
    Admission admit(const HttpRequest& request) override {
        if (request.path == "/no") return {.refusal = HttpResponse{.status = 403, .body = "{}"}};
        if (request.path == "/upload")
            return {.most_body_bytes = 1000, .upload = std::make_shared<FuzzUpload>()};
        return {.most_body_bytes = 100};
    }

    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& later) override {
        for (const std::string_view part : {request.method, request.path, request.query, request.body}) {
            asked += part;
            asked += '\n';
        }
        if (request.upload) asked += dynamic_cast<FuzzUpload&>(*request.upload).body;
        if (request.path == "/later") {
            later()({.body = "later"});
            return std::nullopt;
        }
        if (request.path == "/dropped") {
            later();
            return std::nullopt;
        }
        if (request.path != "/stream") return HttpResponse{.body = "{}"};
        auto stream = std::make_shared<BodyStream>();
        stream->offer("some more");
        stream->end();
        return HttpResponse{.body = "first", .stream = std::move(stream)};
    }

    void replied(const HttpRequest& request, const HttpResponse& /*response*/,
                 std::chrono::nanoseconds /*took*/) noexcept override {
        replies_to_head.push_back(request.method == "HEAD");
    }

    std::string asked;
    std::vector<bool> replies_to_head;
};

void require(bool holds) {
    if (!holds) __builtin_trap();
}

/// Takes the header of a reply off the text, and returns it.
std::string_view take_header(std::string_view& text) {
    const std::size_t end = text.find("\r\n\r\n");
    require(text.starts_with("HTTP/1.1 ") && end != std::string_view::npos);
    const std::string_view header = text.substr(0, end + 2);
    text.remove_prefix(end + 4);
    return header;
}

std::string_view value_of(std::string_view header, std::string_view name) {
    const std::size_t at = header.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = header.substr(at + name.size());
    return rest.substr(0, rest.find("\r\n"));
}

void take_chunks(std::string_view& text) {
    for (std::size_t size = 1; size > 0;) {
        size = std::stoul(std::string(text.substr(0, text.find("\r\n"))), nullptr, 16);
        text.remove_prefix(text.find("\r\n") + 2);
        require(text.size() >= size + 2 && text.substr(size, 2) == "\r\n");
        text.remove_prefix(size + 2);
    }
}

/// What was written is the replies that were made, each whole, and nothing else.
void require_replies(std::string_view text, const std::vector<bool>& replies_to_head) {
    for (const bool is_to_head : replies_to_head) {
        std::string_view header = take_header(text);
        while (header.starts_with("HTTP/1.1 100 ")) header = take_header(text);
        if (is_to_head) continue;
        if (const auto length = value_of(header, "\r\nContent-Length: "); !length.empty()) {
            const std::size_t size = std::stoul(std::string(length));
            require(text.size() >= size);
            text.remove_prefix(size);
        } else if (!value_of(header, "\r\nTransfer-Encoding: ").empty()) {
            take_chunks(text);
        } else {
            text = {};
        }
    }
    while (!text.empty()) require(take_header(text).starts_with("HTTP/1.1 100 "));
}

/// A connection over a pair of sockets, and the other end of it.
class Exchange {
  public:
    Exchange() {
        int ends[2];
        require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
        client_ = ends[0];
        boost::asio::ip::tcp::socket socket(context_);
        socket.assign(boost::asio::ip::tcp::v4(), ends[1]);
        Connection::make(std::move(socket), limits_, handler_, connections_)->start();
    }

    /// Sends the bytes in pieces of that size; returns what was asked of the handler.
    std::string run(std::string_view bytes, std::size_t piece) {
        while (!bytes.empty()) {
            const std::string_view next = bytes.substr(0, piece);
            bytes.remove_prefix(next.size());
            if (::send(client_, next.data(), next.size(), MSG_NOSIGNAL) < 0) break;
            go_on();
        }
        ::shutdown(client_, SHUT_WR);
        go_on();
        ::close(client_);
        go_on();
        require(connections_.empty());
        require_replies(received_, handler_.replies_to_head);
        return std::move(handler_.asked);
    }

  private:
    void go_on() {
        context_.restart();
        while (context_.poll() > 0) {
        }
        char buffer[4096];
        for (ssize_t size = 1; size > 0;) {
            size = ::recv(client_, buffer, sizeof(buffer), 0);
            if (size > 0) received_.append(buffer, static_cast<std::size_t>(size));
        }
    }

    const ServerLimits limits_;
    Recorder handler_;
    ConnectionSet connections_;
    boost::asio::io_context context_{1};
    int client_ = -1;
    std::string received_;
};

}  // namespace
}  // namespace crowfly

// Whatever bytes come, they make the same requests in one piece and in many, of the size that the first byte
// has; what is written are whole replies; and the connection is gone when the client is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes = crowfly::fuzz::text(data + 1, size - 1);
    const std::size_t piece = 1U + data[0] % 64U;
    if (crowfly::Exchange().run(bytes, bytes.size()) != crowfly::Exchange().run(bytes, piece))
        __builtin_trap();
    return 0;
}
