#pragma once

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "service/body_stream.h"
#include "service/http.h"

namespace crowfly::tests {

/// The whole body of a reply, also of one that is written while it is sent. Throws std::runtime_error when
/// that was broken off.
inline std::string whole_body(const HttpResponse& response) {
    if (!response.produce) return response.body;
    BodyStream stream;
    const std::jthread producer([&] {
        try {
            response.produce(stream);
            stream.end();
        } catch (const std::exception&) {
            stream.fail();
        }
    });
    std::string text = response.body;
    for (;;) {
        std::promise<void> more;
        const std::size_t before = text.size();
        const auto state = stream.take(text, [&] { more.set_value(); });
        if (state == BodyStream::State::ended) return text;
        if (state == BodyStream::State::broken) throw std::runtime_error("the body was broken off");
        if (text.size() == before) more.get_future().wait();
    }
}

}  // namespace crowfly::tests
