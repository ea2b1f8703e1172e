#include "formats/feature_splitter.h"

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

bool FeatureSplitter::next(std::string& feature) {
    feature.clear();
    for (;;) {
        const std::string_view window = input_.window();
        std::size_t at = 0;
        while (at < window.size()) {
            if (part_ == Part::in_feature) {
                at += take_feature(window.substr(at), feature);
                if (feature.size() > kLongest) fail("a feature is longer than 256 MiB");
                if (part_ != Part::in_feature) {
                    input_.consume(at);
                    return true;
                }
                continue;
            }
            const char c = window[at];
            if (part_ == Part::before_feature && c == '{') {
                part_ = Part::in_feature;
                depth_ = 0;
                feature_line_ = line_;
                ++ordinal_;
                continue;
            }
            if (c == '\n') ++line_;
            if (part_ == Part::document) {
                take_document(c);
            } else {
                take_between(c);
            }
            ++at;
        }
        input_.consume(window.size());
        if (!input_.fill()) break;
    }
    if (part_ == Part::in_feature) fail(fmt::format("the file ends inside feature {}", ordinal_));
    if (part_ != Part::document) fail("the file ends inside the array \"features\"");
    return false;
}

/// Whether the byte belongs to a string, its closing quote included; keeps track of where strings begin and
/// end.
bool FeatureSplitter::within_string(char c) {
    if (!in_string_) {
        in_string_ = c == '"';
        return false;
    }
    if (escaped_) {
        escaped_ = false;
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        in_string_ = false;
    }
    return true;
}

/// Everything outside the array: kept, and watched for the array's start.
void FeatureSplitter::take_document(char c) {
    skeleton_ += c;
    if (skeleton_.size() > kLongest) fail("the document has more than 256 MiB outside its features");
    if (within_string(c)) {
        if (in_string_ && depth_ == 1) last_string_ += c;
        return;
    }
    switch (c) {
        case '"':
            last_string_.clear();
            break;
        case ':':
            after_features_key_ = depth_ == 1 && last_string_ == "features";
            break;
        case '[':
            if (after_features_key_) {
                if (array_seen_) fail("the member \"features\" appears twice");
                array_seen_ = true;
                part_ = Part::before_feature;
            } else {
                ++depth_;
            }
            break;
        case '{':
            ++depth_;
            break;
        case ']':
        case '}':
            if (depth_ == 0) fail("a bracket closes that was not opened");
            --depth_;
            break;
        default:
            break;
    }
    if (c != ':' && !is_blank(c)) after_features_key_ = false;
}

/// Between two features.
void FeatureSplitter::take_between(char c) {
    if (is_blank(c)) return;
    if (c == ']' && !comma_seen_) {
        close_array();
    } else if (c == ',' && part_ == Part::after_feature) {
        comma_seen_ = true;
        part_ = Part::before_feature;
    } else if (part_ == Part::after_feature) {
        fail("expected a comma or the end of the array after a feature");
    } else {
        fail("expected a feature, which is a JSON object");
    }
}

void FeatureSplitter::close_array() {
    part_ = Part::document;
    skeleton_ += ']';
    depth_ = 1;
}

/// Takes the part of the feature that is in the window; returns how many bytes that are.
std::size_t FeatureSplitter::take_feature(std::string_view window, std::string& feature) {
    std::size_t at = 0;
    while (at < window.size()) {
        const char c = window[at++];
        if (c == '\n') ++line_;
        if (within_string(c)) continue;
        if (c == '{' || c == '[') {
            ++depth_;
        } else if ((c == '}' || c == ']') && --depth_ == 0) {
            part_ = Part::after_feature;
            comma_seen_ = false;
            break;
        }
    }
    feature.append(window.substr(0, at));
    return at;
}

void FeatureSplitter::fail(std::string_view what) const {
    throw Error(Code::malformed, fmt::format("{}:{}: {}", input_.name(), line_, what));
}

}  // namespace crowfly
