package dev.anneal.cli;

import dev.anneal.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Values of options as JSON: numbers stay numbers, and {@code a=1,b=x} is the short form of an object. */
final class Values {
    private Values() {}

    /** {@code {"text": "review"}} as it stands, or {@code text=review,label=stars}. */
    static ObjectNode object(String option, String value) {
        return value.startsWith("{") ? json(option, value) : pairs(option, value);
    }

    private static ObjectNode json(String option, String value) {
        try {
            return (ObjectNode) Json.MAPPER.readTree(value);
        } catch (JacksonException malformed) {
            throw Failure.usage("--" + option + " is not valid JSON: " + malformed.getOriginalMessage());
        }
    }

    private static ObjectNode pairs(String option, String value) {
        ObjectNode object = Json.MAPPER.createObjectNode();
        for (String pair : value.split(",")) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw Failure.usage("--" + option + " wants name=value,… or a JSON object, not: " + pair);
            }
            object.set(
                    pair.substring(0, equals).strip(),
                    scalar(pair.substring(equals + 1).strip()));
        }
        return object;
    }

    /** An object where it looks like one, else a scalar. */
    static JsonNode any(String option, String value) {
        return value.startsWith("{") || value.contains("=") ? object(option, value) : scalar(value);
    }

    /** A whole number, a decimal number, true or false, or else text. */
    static JsonNode scalar(String value) {
        if (value.equals("true") || value.equals("false")) {
            return Json.MAPPER.getNodeFactory().booleanNode(value.equals("true"));
        }
        if (value.matches("-?\\d{1,18}")) {
            return Json.MAPPER.getNodeFactory().numberNode(Long.parseLong(value));
        }
        if (value.matches("-?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
            return Json.MAPPER.getNodeFactory().numberNode(Double.parseDouble(value));
        }
        return Json.MAPPER.getNodeFactory().stringNode(value);
    }
}
