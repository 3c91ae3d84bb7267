package dev.anneal.dataset.check;

import dev.anneal.dataset.format.Tags;
import dev.anneal.dataset.problem.RowProblems;
import java.io.IOException;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Looks for tags I-x that continue no entity of type x. In a file in which entities begin with I-x unless they touch, which is
 * IOB1, such tags are right.
 */
final class TagCheck {
    private final Findings findings = new Findings();
    private long plainBegins;

    void check(JsonNode tags, int number) {
        String before = "O";
        int token = 0;
        String first = "";
        for (JsonNode node : tags) {
            String tag = node.asString();
            token++;
            boolean continues = !before.equals("O") && Tags.type(before).equals(Tags.type(tag));
            if (tag.startsWith("B-") && !continues) {
                plainBegins++; // IOB1 would have I- here
            } else if (tag.startsWith("I-") && !continues && first.isEmpty()) {
                first = "Token %d has the tag '%s', but no entity of that type comes before it. Begin entities with B-."
                        .formatted(token, dev.anneal.web.Problem.quote(tag));
            }
            before = tag;
        }
        if (!first.isEmpty()) {
            findings.add("invalid_tag_sequence", number, "tags", first);
        }
    }

    void report(Map<String, String> columns, Places places, RowProblems problems) throws IOException {
        if (plainBegins > 0) {
            findings.report(columns, places, problems);
        }
    }
}
