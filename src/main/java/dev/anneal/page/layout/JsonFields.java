package dev.anneal.page.layout;

import dev.anneal.json.Json;
import dev.anneal.report.html.Html;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The fields of a form whose body is JSON. A field has its path in the JSON; a script builds the body. */
public final class JsonFields {
    private final Html html;
    private final ObjectNode rest;

    /** @param given the values to begin with; each field takes its own, and {@link #rest} shows what is left */
    public JsonFields(Html html, ObjectNode given) {
        this.html = html;
        this.rest = given;
    }

    public void text(String path, String label, String help) {
        input(path, label, help, "text");
    }

    /** Writes a field for a number, or for {@code auto} if it is empty. */
    public void number(String path, String label, String help) {
        input(path, label, help, "decimal");
    }

    private void input(String path, String label, String help, String mode) {
        String id = begin(path, label);
        JsonNode value = take(path);
        html.empty(
                "input",
                "type",
                "text",
                "inputmode",
                mode,
                "id",
                id,
                "data-field",
                path,
                "value",
                value.isMissingNode() ? null : value.asString(""),
                "placeholder",
                mode.equals("decimal") ? "auto" : null,
                "aria-describedby",
                id + "-help");
        end(path, id, help);
    }

    /** @param none the text of the choice to leave the field out, or null if it is required */
    public void choice(String path, String label, String help, Map<String, String> values, @Nullable String none) {
        String id = begin(path, label);
        String value = take(path).asString("");
        html.open("select", "id", id, "data-field", path, "aria-describedby", id + "-help");
        if (none != null) {
            html.element("option", none, "value", "");
        }
        values.forEach((key, name) -> html.open(
                        "option", "value", key, "selected", key.equals(value) || name.equals(value) ? "" : null)
                .text(Html.cut(name, 80))
                .close("option"));
        html.close("select");
        end(path, id, help);
    }

    /** Writes a field that the user does not choose. */
    public void fixed(String path, String value) {
        html.empty("input", "type", "hidden", "data-field", path, "value", value);
    }

    /** Writes the field for all that has no field. */
    public void rest(String label, String help) {
        html.open("details", "open", rest.isEmpty() ? null : "").element("summary", label);
        html.element("p", help, "class", "note", "id", "rest-help");
        html.element(
                "textarea",
                rest.isEmpty()
                        ? ""
                        : Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(rest),
                "rows",
                "8",
                "data-rest",
                "",
                "spellcheck",
                "false",
                "aria-label",
                label,
                "aria-describedby",
                "rest-help");
        html.close("details");
    }

    private String begin(String path, String label) {
        String id = "field-" + path.replace('.', '-');
        html.element("label", label, "for", id);
        return id;
    }

    private void end(String path, String id, String help) {
        html.open("p", "class", "note help", "id", id + "-help")
                .text(help + " ")
                .element("strong", "", "data-resolved", path)
                .close("p");
    }

    private JsonNode take(String path) {
        String[] names = path.split("\\.");
        ObjectNode in = rest;
        for (int i = 0; i < names.length - 1; i++) {
            if (!(in.path(names[i]) instanceof ObjectNode next)) {
                return Json.MAPPER.missingNode();
            }
            in = next;
        }
        JsonNode value = in.path(names[names.length - 1]);
        in.remove(names[names.length - 1]);
        return value;
    }
}
