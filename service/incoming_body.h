#pragma once

#include <cstddef>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>

namespace crowfly {

/// What has arrived of the body of a request and was not taken from here yet.
struct IncomingBody {
    std::string text = {};
    std::size_t taken = 0;
    std::size_t most = 0;  ///< of both together
};

/// Beast's Body concept over that: its parser appends to the text, and ends with `body_limit` beyond `most`.
struct IncomingBodyType {
    using value_type = IncomingBody;

    class reader {
      public:
        template <bool is_request, class Fields>
        reader(boost::beast::http::header<is_request, Fields>& /*header*/, value_type& body) : body_(body) {}

        void init(const boost::optional<std::uint64_t>& /*length*/, boost::beast::error_code& error) {
            error = {};
        }

        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
            namespace asio = boost::asio;
            error = {};
            std::size_t size = 0;
            for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
                 ++at) {
                const asio::const_buffer piece = *at;
                if (body_.taken + body_.text.size() + piece.size() > body_.most) {
                    error = boost::beast::http::error::body_limit;
                    return size;
                }
                body_.text.append(static_cast<const char*>(piece.data()), piece.size());
                size += piece.size();
            }
            return size;
        }

        void finish(boost::beast::error_code& error) { error = {}; }

      private:
        value_type& body_;
    };
};

}  // namespace crowfly
