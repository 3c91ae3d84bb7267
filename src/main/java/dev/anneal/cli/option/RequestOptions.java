package dev.anneal.cli.option;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.JsonNode;

/** Options of a command that become fields of a request under the same names. */
public final class RequestOptions {
    private final List<RequestOption> settings;

    RequestOptions(RequestOption... settings) {
        this.settings = List.of(settings);
    }

    public void addTo(CommandSpec command) {
        settings.forEach(setting -> {
            OptionSpec.Builder option = OptionSpec.builder(setting.option()).description(setting.description());
            command.addOption(
                    setting.isFlag()
                            ? option.type(Boolean.class).arity("0").build()
                            : option.type(String.class)
                                    .paramLabel(setting.label())
                                    .build());
        });
    }

    /** Returns the fields whose options were given. Throws if one of them has a wrong value. */
    public Map<String, JsonNode> read(CommandSpec command) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        for (RequestOption setting : settings) {
            Object value = command.findOption(setting.option()).getValue();
            if (value != null && !Boolean.FALSE.equals(value)) {
                fields.put(setting.field(), setting.kind().read(setting.option(), value.toString()));
            }
        }
        return fields;
    }

    /** Returns the options by the fields that they set. */
    public Map<String, String> byField() {
        Map<String, String> options = new LinkedHashMap<>();
        settings.forEach(setting -> options.put(setting.field(), setting.option()));
        return options;
    }

    public boolean contain(String option) {
        return settings.stream().anyMatch(setting -> setting.option().equals(option));
    }
}
