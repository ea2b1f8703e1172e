#include "formats/json_value.h"

#include <string>

#include "core/error.h"

namespace crowfly {

Value json_value(simdjson::dom::element element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::NULL_VALUE:
            return {};
        case element_type::BOOL:
            return element.get_bool().value_unsafe();
        case element_type::INT64:
            return element.get_int64().value_unsafe();
        case element_type::DOUBLE:
            return element.get_double().value_unsafe();
        case element_type::STRING:
            return std::string(element.get_string().value_unsafe());
        default:
            return Json{simdjson::minify(element)};
    }
}

std::string_view json_type(simdjson::dom::element element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::ARRAY:
            return "an array";
        case element_type::OBJECT:
            return "an object";
        case element_type::STRING:
            return "a string";
        case element_type::BOOL:
            return "true or false";
        case element_type::NULL_VALUE:
            return "null";
        default:
            return "a number";
    }
}

void append_json_object(std::string_view text, std::vector<Property>& properties) {
    thread_local simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) {
        throw Error(Code::corrupt, "the stored properties are not a JSON object");
    }
    for (const auto& [name, value] : object) properties.push_back({std::string(name), json_value(value)});
}

}  // namespace crowfly
