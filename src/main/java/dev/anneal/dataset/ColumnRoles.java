package dev.anneal.dataset;

import dev.anneal.web.Problem;
import dev.anneal.web.Suggest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds out which column plays which role: by what the client said, else by the usual names of such a column. */
final class ColumnRoles {
    private static final Map<String, List<String>> USUAL = Map.of(
            "text",
                    List.of(
                            "text",
                            "sentence",
                            "sentence1",
                            "review",
                            "content",
                            "question",
                            "comment",
                            "body",
                            "input"),
            "text_pair", List.of("text_pair", "sentence2", "text_b"),
            "label", List.of("label", "labels", "class", "category", "sentiment", "intent", "target"),
            "split", List.of("split"));

    private ColumnRoles() {}

    static Map<String, String> resolve(List<String> found, Map<String, String> given) {
        Map<String, String> roles = new LinkedHashMap<>();
        for (String role : UploadRequest.ROLES) {
            String column = given.get(role);
            if (column != null && !found.contains(column)) {
                throw missing(
                        "There is no column '" + column + "', which 'columns' names for the role '" + role + "'.",
                        found,
                        Suggest.nearest(column, found));
            }
            if (column == null) {
                column = found.stream()
                        .filter(name -> !given.containsValue(name))
                        .filter(name -> USUAL.get(role).contains(name.toLowerCase()))
                        .findFirst()
                        .orElse(null);
            }
            if (column != null) {
                roles.put(role, column);
            } else if (role.equals("text") || role.equals("label")) {
                throw missing(
                        "No column has the role '" + role + "'; name it in 'columns', as {\"" + role + "\": \"…\"}.",
                        found,
                        "");
            }
        }
        return roles;
    }

    private static Problem missing(String what, List<String> found, String hint) {
        return Problem.unprocessable(
                "missing_column", what + " Columns found: " + String.join(", ", found) + "." + hint);
    }
}
