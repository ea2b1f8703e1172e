#include "cli/serve_settings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "cli/setting.h"
#include "core/files.h"

namespace crowfly {
namespace {

constexpr std::string_view kConfigVariable = "CROWFLY_CONFIG";

/// What a setting was given, and where.
struct Given {
    std::vector<std::string> texts;
    std::string where;   ///< for messages, with the name
    std::string origin;  ///< for people, without it
};

std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// The text of a single value; nothing for an array, a table or a date.
std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    return std::nullopt;
}

/// The settings of a TOML file.
class ConfigFile {
  public:
    explicit ConfigFile(const std::string& path) : path_(path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw Error(code_of_errno(errno), fmt::format("{}: {}", path, std::strerror(errno)));
        std::ostringstream content;
        content << file.rdbuf();
        if (file.bad()) throw Error(Code::io, path + ": cannot be read");
        table_ = parsed(content.str());
        require_known_names();
    }

    std::optional<Given> given(const Setting& setting) const {
        const toml::node* node = table_.get(setting.name);
        if (node == nullptr) return std::nullopt;
        const std::string line = fmt::format("{}, line {}", path_, node->source().begin.line);
        return Given{texts(*node, setting, line), fmt::format("{}: {}", line, setting.name), line};
    }

  private:
    toml::table parsed(const std::string& content) const try {
        return toml::parse(content);
    } catch (const toml::parse_error& error) {
        throw Error(Code::malformed, fmt::format("{}, line {}: is no TOML: {}", path_,
                                                 error.source().begin.line, error.description()));
    }

    void require_known_names() const {
        for (const auto& [key, node] : table_) {
            const auto& settings = all_settings();
            const auto is_it = [name = key.str()](const Setting& setting) { return setting.name == name; };
            if (std::any_of(settings.begin(), settings.end(), is_it)) continue;
            throw Error(Code::invalid_argument,
                        fmt::format("{}, line {}: \"{}\" is no setting; `crowfly serve --help` lists them",
                                    path_, key.source().begin.line, key.str()));
        }
    }

    static std::vector<std::string> texts(const toml::node& node, const Setting& setting,
                                          const std::string& line) {
        if (const auto text = text_of(node)) return {*text};
        std::vector<std::string> items;
        const toml::array* array = setting.kind == Setting::Kind::list ? node.as_array() : nullptr;
        if (array == nullptr) {
            throw Error(Code::invalid_argument,
                        fmt::format("{}: {}: expected a text, a number or a boolean{}", line, setting.name,
                                    setting.kind == Setting::Kind::list ? ", or an array" : ""));
        }
        for (const toml::node& item : *array) {
            const auto text = text_of(item);
            if (!text)
                throw Error(Code::invalid_argument,
                            fmt::format("{}: {}: expected texts", line, setting.name));
            items.push_back(*text);
        }
        return items;
    }

    std::string path_;
    toml::table table_;
};

std::optional<Given> given_by_flag(const CLI::Option* option, const Setting& setting) {
    if (option == nullptr || option->count() == 0) return std::nullopt;
    return Given{option->results(), "--" + setting.name, "the command line"};
}

std::optional<Given> given_by(const ServeSettings::Environment& environment, const Setting& setting) {
    const auto found = environment.find(variable_of(setting.name));
    if (found == environment.end()) return std::nullopt;
    const bool is_list = setting.kind == Setting::Kind::list;
    return Given{is_list ? parts_of(found->second) : std::vector<std::string>{found->second}, found->first,
                 found->first};
}

std::vector<std::string> unknown_of(const ServeSettings::Environment& environment) {
    std::vector<std::string> unknown;
    for (const auto& [variable, value] : environment) {
        const auto& settings = all_settings();
        const auto is_it = [&name = variable](const Setting& setting) {
            return variable_of(setting.name) == name;
        };
        if (variable != kConfigVariable && std::none_of(settings.begin(), settings.end(), is_it))
            unknown.push_back(variable);
    }
    return unknown;
}

}  // namespace

void ServeSettings::add_to(CLI::App& command) {
    const ServiceOptions defaults;
    flags_.clear();
    for (const Setting& setting : all_settings()) {
        const bool is_flag = setting.kind == Setting::Kind::flag;
        const std::string name = "--" + setting.name + (setting.name == "store" ? ",STORE" : "");
        CLI::Option* option = is_flag ? command.add_flag(name) : command.add_option(name);
        option->description(setting.help)->group(setting.group);
        option->default_str(setting.show(defaults));
        if (setting.kind == Setting::Kind::list)
            option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
        flags_.push_back(option);
    }
    command.add_option("--config", config_, "TOML file with settings of these names")
        ->envname("CROWFLY_CONFIG");
    command.add_flag("--print-config", print_only_, "Print all settings as such a file, and exit");
}

ServeSettings::Resolved ServeSettings::resolve(const Environment& environment) const {
    Resolved resolved{.options = {}, .origins = {}, .unknown_variables = unknown_of(environment)};
    const auto variable = environment.find(std::string(kConfigVariable));
    const std::string path = config_.empty() && variable != environment.end() ? variable->second : config_;
    std::optional<ConfigFile> file;
    if (!path.empty()) file.emplace(path);
    const std::vector<Setting>& settings = all_settings();
    for (std::size_t i = 0; i < settings.size(); ++i) {
        // All places are judged, so that nothing wrong in one of them waits until another one is taken away.
        ServiceOptions passed_over;
        bool is_set = false;
        for (const std::optional<Given>& given :
             {given_by_flag(i < flags_.size() ? flags_[i] : nullptr, settings[i]),
              given_by(environment, settings[i]), file ? file->given(settings[i]) : std::nullopt}) {
            if (!given) continue;
            settings[i].set(is_set ? passed_over : resolved.options, given->texts, given->where);
            if (!is_set) resolved.origins.emplace(settings[i].name, given->origin);
            is_set = true;
        }
    }
    return resolved;
}

std::string ServeSettings::Resolved::toml() const {
    std::string text;
    std::string group;
    for (const Setting& setting : all_settings()) {
        if (setting.group != group) text += fmt::format("{}# {}\n", group.empty() ? "" : "\n", setting.group);
        group = setting.group;
        const auto origin = origins.find(setting.name);
        text += fmt::format("{} = {}", setting.name, setting.show(options));
        text += origin == origins.end() ? "\n" : fmt::format("  # by {}\n", origin->second);
    }
    return text;
}

ServeSettings::Environment ServeSettings::environment() {
    constexpr std::string_view kPrefix = "CROWFLY_";
    Environment variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (text.starts_with(kPrefix) && equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace crowfly
