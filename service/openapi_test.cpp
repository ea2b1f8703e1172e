#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/version.h"
#include "service/api.h"
#include "service/openapi_document.h"
#include "service/query_parameters.h"
#include "store/memory_collection.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using testing::IsSupersetOf;
using testing::UnorderedElementsAreArray;

using Names = std::set<std::string>;

std::string in_upper_case(std::string_view text) {
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper;
}

/// A service with the place that the examples of its document ask for.
class OpenApi : public testing::Test {
  protected:
    OpenApi()
        : api_(collections()), body_(ask("GET", "/openapi.json").body), document_(parser_.parse(body_)) {}

    static std::vector<std::unique_ptr<Collection>> collections() {
        auto collection = std::make_unique<MemoryCollection>(
            Schema{.name = "places", .attributes = {{"population", AttributeType::integer}}},
            std::vector{MetricKind::spheroid});
        const std::vector<Place> places{
            {.id = "2657896", .position = {8.55, 47.37}, .name = "Zürich", .category = "PPLA"}};
        PlaceList list(places);
        collection->upsert(list);
        std::vector<std::unique_ptr<Collection>> all;
        all.push_back(std::move(collection));
        return all;
    }

    HttpResponse ask(std::string_view method, std::string_view path, std::string_view query = {},
                     std::string_view body = {}, std::string_view type = {}, std::string_view accept = {}) {
        boost::beast::http::fields fields;
        if (!accept.empty()) fields.set(boost::beast::http::field::accept, std::string(accept));
        fields.set(boost::beast::http::field::host, "crowfly.test:80");
        if (!type.empty()) fields.set(boost::beast::http::field::content_type, std::string(type));
        const HttpRequest request{
            .method = method, .path = path, .query = query, .body = body, .fields = &fields};
        const Admission admission = api_.admit(request);
        return admission.refusal ? *admission.refusal : api_.handle(request);
    }

    /// What a reference stands for, or the thing itself.
    element resolved(element value) const {
        std::string_view reference;
        if (value["$ref"].get(reference) != simdjson::SUCCESS) return value;
        EXPECT_TRUE(reference.starts_with("#/")) << reference;
        element target;
        EXPECT_EQ(document_.at_pointer(reference.substr(1)).get(target), simdjson::SUCCESS) << reference;
        return target;
    }

    struct Parameter {
        std::string name;
        std::string where;
        bool is_required = false;
        std::string example = {};
    };

    struct Body {
        std::string type;
        std::string text;
    };

    struct Operation {
        RouteName route;
        element content;
        std::vector<Parameter> parameters = {};
        std::optional<Body> body = {};

        Names names(std::string_view where) const {
            Names names;
            for (const Parameter& parameter : parameters) {
                if (parameter.where == where) names.insert(parameter.name);
            }
            return names;
        }

        /// With the examples in the places of the names.
        std::string path() const {
            std::string path = route.pattern;
            for (const Parameter& parameter : parameters) {
                const std::size_t at = path.find("{" + parameter.name + "}");
                if (at != std::string::npos) path.replace(at, parameter.name.size() + 2, parameter.example);
            }
            return path;
        }

        /// The examples of the parameters, or of those that are required.
        std::string query(bool only_required) const {
            std::string query;
            for (const Parameter& parameter : parameters) {
                if (parameter.where != "query" || parameter.example.empty()) continue;
                if (only_required && !parameter.is_required) continue;
                query += (query.empty() ? "" : "&") + parameter.name + "=" + parameter.example;
            }
            return query;
        }
    };

    Parameter parameter_of(element value) const {
        const element parameter = resolved(value);
        bool is_required = false;
        std::ignore = parameter["required"].get(is_required);
        element example;
        std::string text;
        if (parameter["example"].get(example) == simdjson::SUCCESS) text = as_in_a_url(example);
        return {std::string(std::string_view(parameter["name"])),
                std::string(std::string_view(parameter["in"])), is_required, text};
    }

    /// The elements of an array parted by commas.
    static std::string as_in_a_url(element value) {
        if (value.is_string()) return percent_encoded(value);
        std::string text = simdjson::minify(value);
        return text.starts_with('[') ? text.substr(1, text.size() - 2) : text;
    }

    /// The first of its types, with its first example.
    std::optional<Body> body_of(element operation) const {
        element body;
        if (operation["requestBody"].get(body) != simdjson::SUCCESS) return std::nullopt;
        const auto& [type, content] = *object(resolved(body)["content"]).begin();
        element example;
        if (content["example"].get(example) != simdjson::SUCCESS) {
            object examples;
            EXPECT_EQ(content["examples"].get(examples), simdjson::SUCCESS) << "a body without an example";
            example = (*examples.begin()).value["value"];
        }
        std::string_view text;
        if (example.get(text) == simdjson::SUCCESS) return Body{std::string(type), std::string(text)};
        return Body{std::string(type), simdjson::minify(example)};
    }

    std::vector<Operation> operations() const {
        std::vector<Operation> operations;
        for (const auto& [path, methods] : object(document_["paths"])) {
            for (const auto& [method, content] : object(methods)) {
                Operation operation{{in_upper_case(method), std::string(path)}, content};
                simdjson::dom::array parameters;
                if (content["parameters"].get(parameters) == simdjson::SUCCESS) {
                    for (const element parameter : parameters)
                        operation.parameters.push_back(parameter_of(parameter));
                }
                operation.body = body_of(content);
                operations.push_back(std::move(operation));
            }
        }
        return operations;
    }

    /// Calls `visit` with each member of each object in the value.
    template <class Visit>
    static void each_member(element value, const Visit& visit) {
        object members;
        simdjson::dom::array elements;
        if (value.get(members) == simdjson::SUCCESS) {
            for (const auto& [name, member] : members) {
                visit(name, member);
                each_member(member, visit);
            }
        } else if (value.get(elements) == simdjson::SUCCESS) {
            for (const element one : elements) each_member(one, visit);
        }
    }

    Api api_;
    std::string body_;
    simdjson::dom::parser parser_;
    element document_;
};

TEST_F(OpenApi, IsServed) {
    const HttpResponse response = ask("GET", "/openapi.json");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/vnd.oai.openapi+json;version=3.1");
    EXPECT_EQ(std::string_view(document_["openapi"]), "3.1.0");
    EXPECT_EQ(std::string_view(document_.at_pointer("/info/version")), kVersion);
    EXPECT_EQ(ask("GET", "/openapi.json", "what=1").status, 400);
    const auto type_for = [&](std::string_view accept) {
        return ask("GET", "/openapi.json", {}, {}, {}, accept).content_type;
    };
    EXPECT_EQ(type_for("application/vnd.oai.openapi+json;version=3.0, application/json"), "application/json");
    EXPECT_EQ(type_for("application/vnd.oai.openapi+json;version=3.1, application/json"),
              response.content_type);
    EXPECT_EQ(type_for("*/*"), response.content_type);
}

TEST_F(OpenApi, DescribesTheRoutesThatThereAre) {
    std::vector<RouteName> described;
    for (const Operation& operation : operations()) described.push_back(operation.route);
    EXPECT_THAT(described, UnorderedElementsAreArray(api_.routes()));
}

TEST_F(OpenApi, EveryDescriptionIsOfARoute) {
    std::vector<RouteName> there = api_.routes();
    EXPECT_THAT(there, IsSupersetOf(described_operations()));
}

TEST_F(OpenApi, ReferencesLeadSomewhere) {
    each_member(document_, [&](std::string_view name, element value) {
        std::string_view reference;
        if (name == "$ref" && value.get(reference) == simdjson::SUCCESS) {
            EXPECT_TRUE(reference.starts_with("#/")) << reference;
            EXPECT_EQ(document_.at_pointer(reference.substr(1)).error(), simdjson::SUCCESS) << reference;
        }
    });
}

TEST_F(OpenApi, EveryOperationHasANameOfItsOwn) {
    Names names;
    for (const Operation& operation : operations()) {
        const std::string_view name = operation.content["operationId"];
        EXPECT_TRUE(names.emplace(name).second) << name;
    }
}

TEST_F(OpenApi, PathParametersAreThoseOfThePath) {
    for (const Operation& operation : operations()) {
        const std::string& pattern = operation.route.pattern;
        Names names;
        for (std::size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1))
            names.insert(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
        EXPECT_EQ(operation.names("path"), names) << operation.route.method << " " << pattern;
    }
}

/// What an endpoint takes it says itself, when it is asked for something else: for the parameter `surprise`,
/// or a member at `#/surprise`. Nothing when it takes any.
Names expected_instead(const HttpResponse& response, const char* where, std::string_view what) {
    simdjson::dom::parser parser;
    simdjson::dom::array errors;
    if (response.status < 400 || parser.parse(response.body)["errors"].get(errors) != simdjson::SUCCESS)
        return {};
    constexpr std::string_view kBefore = "is not known; expected ";
    for (const element error : errors) {
        std::string_view found;
        if (error[where].get(found) != simdjson::SUCCESS || found != what) continue;
        const std::string_view detail = error["detail"];
        Names names;
        if (!detail.starts_with(kBefore)) return names;
        for (std::size_t at = kBefore.size(); at < detail.size();) {
            const std::size_t end = std::min(detail.find(", ", at), detail.size());
            names.emplace(detail.substr(at, end - at));
            at = end + 2;
        }
        return names;
    }
    return {};
}

TEST_F(OpenApi, QueryParametersAreThoseThatAreTaken) {
    for (const Operation& operation : operations()) {
        const Body body = operation.body.value_or(Body());
        const HttpResponse response =
            ask(operation.route.method, operation.path(), "surprise=1", body.text, body.type);
        if (response.status == 501) continue;  // this service has no store to import into
        Names expected = expected_instead(response, "parameter", "surprise");
        // To a search by POST its body says from where.
        if (operation.route.method == "POST") {
            expected.erase("lon");
            expected.erase("lat");
        }
        // Queryables are told in words: each collection has its own.
        for (const char* queryable : {"id", "name", "category", "population"}) {
            if (!operation.names("query").contains(queryable)) expected.erase(queryable);
        }
        EXPECT_EQ(operation.names("query"), expected)
            << operation.route.method << " " << operation.route.pattern;
    }
}

TEST_F(OpenApi, MembersOfASearchAreThoseThatAreTaken) {
    Names described;
    for (const auto& [name, value] :
         object(document_.at_pointer("/components/schemas/SearchRequest/properties")))
        described.emplace(name);
    const HttpResponse response = ask("POST", "/knn/search", {}, R"({"surprise":1})", "application/json");
    Names expected = expected_instead(response, "pointer", "#/surprise");
    EXPECT_FALSE(expected.empty());
    expected.erase("...");  // a message has room for some of them
    EXPECT_THAT(described, IsSupersetOf(expected));
    for (const std::string& name : described) {
        const HttpResponse wrong =
            ask("POST", "/knn/search", {}, "{\"" + name + "\":[[]]}", "application/json");
        EXPECT_THAT(wrong.body, testing::Not(testing::HasSubstr("is not known"))) << name;
        EXPECT_GE(wrong.status, 400) << name;
    }
}

TEST_F(OpenApi, ExamplesOfSearchesAreAnswered) {
    for (const Operation& operation : operations()) {
        const std::string_view tag = operation.content["tags"].at(0);
        if (tag == "writes" || tag == "bulk") continue;
        const Body body = operation.body.value_or(Body());
        for (const std::string& query : {operation.query(true), operation.query(false)}) {
            const HttpResponse response =
                ask(operation.route.method, operation.path(), query, body.text, body.type);
            EXPECT_EQ(response.status, 200)
                << operation.route.method << " " << operation.path() << "?" << query << "\n"
                << response.body;
        }
    }
}

TEST_F(OpenApi, TheLandingPageLeadsToIt) {
    simdjson::dom::parser parser;
    std::string_view found;
    const std::string page = ask("GET", "/").body;
    for (const element link : parser.parse(page)["links"]) {
        if (std::string_view(link["rel"]) != "service-desc") continue;
        found = link["href"];
        EXPECT_EQ(std::string_view(link["type"]), "application/vnd.oai.openapi+json;version=3.1");
    }
    EXPECT_EQ(found, "http://crowfly.test:80/openapi.json");
}

}  // namespace
}  // namespace crowfly
