#include "tests/support/http_client.h"

#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <poll.h>

namespace crowfly::tests {
namespace {

namespace asio = boost::asio;

std::string field(const std::string& header, std::string_view name) {
    const std::size_t at = header.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + 2 + name.size() + 2;
    return header.substr(begin, header.find("\r\n", begin) - begin);
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
}

void HttpClient::send(std::string_view bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
}

HttpReply HttpClient::receive(bool with_body) {
    const std::size_t header_size = asio::read_until(socket_, asio::dynamic_buffer(buffer_), "\r\n\r\n");
    HttpReply reply;
    reply.header = buffer_.substr(0, header_size);
    buffer_.erase(0, header_size);
    if (!reply.header.starts_with("HTTP/1.1 "))
        throw std::runtime_error("not a status line: " + reply.header);
    reply.status = std::stoi(reply.header.substr(9, 3));
    reply.content_type = field(reply.header, "Content-Type");
    if (!with_body || reply.status == 204 || reply.status == 304) return reply;
    if (field(reply.header, "Transfer-Encoding") == "chunked") {
        for (std::string chunk = receive_chunk(); !chunk.empty(); chunk = receive_chunk())
            reply.body += chunk;
        return reply;
    }
    const std::size_t size = std::stoul(field(reply.header, "Content-Length"));
    if (buffer_.size() < size)
        asio::read(socket_, asio::dynamic_buffer(buffer_), asio::transfer_exactly(size - buffer_.size()));
    reply.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return reply;
}

std::string HttpClient::receive_chunk() {
    const std::size_t line = asio::read_until(socket_, asio::dynamic_buffer(buffer_), "\r\n");
    const std::size_t size = std::stoul(buffer_.substr(0, line), nullptr, 16);
    const std::size_t whole = line + size + 2;
    if (buffer_.size() < whole)
        asio::read(socket_, asio::dynamic_buffer(buffer_), asio::transfer_exactly(whole - buffer_.size()));
    std::string chunk = buffer_.substr(line, size);
    buffer_.erase(0, whole);
    return chunk;
}

HttpReply HttpClient::post(std::string_view path, std::string_view body) {
    std::string request = "POST " + std::string(path) +
                          " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ";
    request += std::to_string(body.size()) + "\r\n\r\n";
    send(request += body);
    return receive();
}

HttpReply HttpClient::get(std::string_view path) {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return receive();
}

std::string HttpClient::receive_all() {
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(buffer_), error);
    return std::exchange(buffer_, {});
}

bool HttpClient::closed_by_server() {
    char byte = 0;
    boost::system::error_code error;
    asio::read(socket_, asio::buffer(&byte, 1), error);
    return error == asio::error::eof || error == asio::error::connection_reset;
}

bool HttpClient::reset_by_server() {
    // The server closes while this side still has requests on the way, which the system answers with a reset;
    // what it sent before may be cut in the middle of a reply.
    std::this_thread::sleep_for(std::chrono::seconds(4));
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(buffer_), error);
    return error == asio::error::connection_reset || error == asio::error::eof;
}

bool HttpClient::hears_something_within(std::chrono::milliseconds time) {
    pollfd waiting{socket_.native_handle(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) > 0;
}

void HttpClient::half_close() {
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send);
}

}  // namespace crowfly::tests
