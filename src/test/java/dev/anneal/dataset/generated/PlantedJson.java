package dev.anneal.dataset.generated;

import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.generated.PlantedRows.Row;
import dev.anneal.json.Json;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Rows as JSON: texts with a label or several, tokens with tags, conversations, and prompts with their answers. */
enum PlantedJson implements PlantedFile {
    JSONL {
        @Override
        public void plant(PlantedRows rows) {
            plantObjects(rows);
            PlantedFile.plantTable(rows);
            rows.plantLabels("Cedar", "CEDAR", "\uff43edar");
            plantLines(rows);
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            return writeLines(rows, PlantedJson::labelled);
        }
    },
    /** Some of the objects have several lines. */
    ARRAY {
        @Override
        public void plant(PlantedRows rows) {
            rows.lastError("malformed_json", row -> row.raw = written -> "{\"text\": \"a\" \"b\"}");
            plantObjects(rows);
            PlantedFile.plantTable(rows);
            rows.plantLabels("Cedar", "CEDAR", "\uff43edar");
            rows.error("malformed_json", row -> row.raw = written -> "[17],");
            rows.error("invalid_utf8", row -> row.text = rows.insert(row.text, "caf" + PlantedRows.BAD_BYTE));
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            StringBuilder out = new StringBuilder("[\n");
            PlantedFile.lines(out, "", rows.all(), row -> {
                String object = labelled(row);
                return (row.index % 7 == 0 ? object.replace("\",\"", "\",\n  \"") : object) + ",";
            });
            return List.of(PlantedFile.file("planted.json", PlantedFile.bytes(out.append("]\n"))));
        }
    },
    LABEL_LISTS {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(true);
            rows.plantConflicts();
            rows.error("empty_labels", row -> row.raw = written -> written.replaceFirst(",\"labels\":\\[.*?]", ""));
            rows.error("empty_label", row -> row.label = " ");
            rows.error("label_too_long", row -> row.label = "l".repeat(201));
            rows.error(
                    "duplicate_label",
                    row -> row.raw = written -> written.replace("\"labels\":[", "\"labels\":[\"twice\",\"twice\","));
            rows.error("invalid_type", row -> row.raw = written -> written.replaceFirst("\\[(\".*?\"),", "[7,"));
            plantLines(rows);
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            return writeLines(
                    rows,
                    row -> "{\"text\":%s,\"labels\":[%s,\"all\"],\"split\":%s}"
                            .formatted(text(row.text), text(row.label), text(row.split)));
        }
    },
    TOKENS {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(false);
            rows.plantConflicts();
            rows.error(
                    "length_mismatch", row -> row.raw = written -> written.replace("\"tags\":[", "\"tags\":[\"O\","));
            rows.error("unknown_tag", row -> row.raw = written -> written.replace("\"O\"]", "\"PER\"]"));
            rows.error("empty_tag", row -> row.raw = written -> written.replace("\"O\"]", "\"\"]"));
            rows.error(
                    "empty_tags", row -> row.raw = written -> written.replaceFirst("\"tags\":\\[.*?]", "\"tags\":[]"));
            rows.error("empty_tokens", row -> row.raw = written -> "{\"tags\":[\"O\"],\"split\":\"test\"}");
            rows.error("empty_token", row -> row.text = "\u3000 " + row.text);
            rows.error(
                    "invalid_type",
                    row -> row.raw = written -> "{\"tokens\":\"a b\",\"tags\":[\"O\",\"O\"],\"split\":\"test\"}");
            rows.error("invalid_type", row -> row.raw = written -> written.replace("\"tokens\":[", "\"tokens\":[7,"));
            rows.error("token_too_long", row -> row.text = "t".repeat(1_001) + " " + row.text);
            rows.error("tag_too_long", row -> row.label = "l".repeat(201));
            rows.error("too_many_tokens", 2, row -> row.text = "ab ".repeat(10_001));
            rows.warning(
                    "invalid_tag_sequence", "test", row -> row.raw = written -> written.replaceFirst("\"B-", "\"I-"));
            plantLines(rows);
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            return writeLines(rows, row -> {
                String[] tokens = row.text.split("[ \n]");
                String[] tags = new String[tokens.length];
                Arrays.fill(tags, "O");
                tags[0] = "B-" + row.label;
                tags[1] = "I-" + row.label;
                return "{\"tokens\":%s,\"tags\":%s,\"split\":%s}".formatted(list(tokens), list(tags), text(row.split));
            });
        }
    },
    CHAT {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(true);
            message(rows, "empty_messages", written -> "[]");
            message(rows, "invalid_type", written -> "\"hello\"");
            message(rows, "invalid_message", written -> written.replaceFirst("\"content\":\".*?\"", "\"content\":7"));
            message(rows, "unknown_role", written -> written.replace("\"user\"", "\"customer\""));
            message(rows, "empty_content", written -> written.replaceFirst("\"content\":\".*?\"", "\"content\":\" \""));
            message(rows, "unexpected_role", written -> "[" + ANSWER + "," + written.substring(1));
            message(
                    rows,
                    "unexpected_role",
                    written -> "[{\"role\":\"user\",\"content\":\"a\"}," + written.substring(1));
            message(rows, "unexpected_role", written -> written.replace("]", "," + ANSWER + "]"));
            message(
                    rows,
                    "unexpected_role",
                    written -> written.replace("]", ",{\"role\":\"system\",\"content\":\"a\"}]"));
            message(rows, "unexpected_role", written -> written.replace("\"assistant\"", "\"tool\""));
            message(rows, "no_assistant_message", written -> "[{\"role\":\"user\",\"content\":\"a\"}]");
            message(
                    rows,
                    "nothing_to_learn",
                    written -> written.replace("\"assistant\"", "\"assistant\",\"weight\":0"));
            message(
                    rows,
                    "invalid_weight",
                    written -> written.replace("\"assistant\"", "\"assistant\",\"weight\":0.5"));
            message(rows, "invalid_weight", written -> written.replace("\"user\"", "\"user\",\"weight\":1"));
            message(rows, "unknown_key", written -> written.replace("\"user\"", "\"user\",\"mood\":\"good\""));
            message(
                    rows,
                    "unsupported_tool_calls",
                    written -> written.replace("\"assistant\"", "\"assistant\",\"tool_calls\":[{\"id\":\"1\"}]"));
            rows.error(
                    "unsupported_key",
                    row -> row.raw = written -> written.replace("{\"messages\"", "{\"tools\":[{}],\"messages\""));
            rows.error("content_too_long", 1, row -> row.answer = "ab ".repeat(400_000));
            plantLines(rows);
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            return writeLines(
                    rows,
                    row ->
                            "{\"messages\":[{\"role\":\"user\",\"content\":%s},{\"role\":\"assistant\",\"content\":%s}],\"split\":%s}"
                                    .formatted(text(row.text), text(row.answer), text(row.split)));
        }

        /** Plants an error into the list of messages. */
        private void message(PlantedRows rows, String code, Function<String, String> change) {
            rows.error(
                    code,
                    row -> row.raw = written -> {
                        int from = written.indexOf('[');
                        int to = written.lastIndexOf(']') + 1;
                        return written.substring(0, from)
                                + change.apply(written.substring(from, to))
                                + written.substring(to);
                    });
        }
    },
    PROMPTS {
        @Override
        public void plant(PlantedRows rows) {
            rows.plantRepetitions();
            rows.plantTexts(true);
            rows.error("empty_prompt", row -> row.text = " \n ");
            rows.error("empty_completion", row -> row.answer = "");
            rows.error(
                    "empty_completion",
                    row -> row.raw = written -> written.replaceFirst("\"completion\":\".*?\"", "\"completion\":null"));
            rows.error(
                    "invalid_type",
                    row -> row.raw = written -> written.replaceFirst("\"prompt\":(\".*?\")", "\"prompt\":[$1]"));
            rows.error(
                    "unsupported_key", row -> row.raw = written -> written.replace("{", "{\"system\":\"Be brief.\","));
            rows.error("completion_too_long", 1, row -> row.answer = "ab ".repeat(400_000));
            plantLines(rows);
        }

        @Override
        public List<UploadedFile> write(PlantedRows rows) {
            return writeLines(
                    rows,
                    row -> "{\"prompt\":%s,\"completion\":%s,\"split\":%s}"
                            .formatted(text(row.text), text(row.answer), text(row.split)));
        }
    };

    private static final String ANSWER = "{\"role\":\"assistant\",\"content\":\"b\"}";

    /** Plants values that an object of JSON cannot have. */
    private static void plantObjects(PlantedRows rows) {
        rows.error(
                "invalid_type",
                row -> row.raw = written -> written.replaceFirst("\"text\":(\".*?\")", "\"text\":[$1]"));
        rows.error(
                "invalid_number",
                row -> row.raw = written -> written.replaceFirst("\"text\":\".*?\"", "\"text\":1e999"));
        rows.error(
                "invalid_unicode", row -> row.raw = written -> written.replace("\"text\":\"", "\"text\":\"\\ud800 "));
        rows.error("empty_text", row -> row.raw = written -> written.replaceFirst("\"text\":\".*?\"", "\"text\":null"));
    }

    /** Plants what a line of JSON can have. */
    private static void plantLines(PlantedRows rows) {
        PlantedFile.plantBytes(rows);
        rows.error("malformed_json", row -> row.raw = written -> written.substring(0, written.length() - 1));
        rows.error("malformed_json", row -> row.raw = written -> "[" + written + "]");
        rows.error(
                "malformed_json",
                row -> row.raw = written -> written.replace("\"split\"", "\"split\":\"train\",\"split\""));
        rows.error("unknown_split", row -> row.split = "trian");
    }

    private static List<UploadedFile> writeLines(PlantedRows rows, Function<Row, String> object) {
        StringBuilder out = new StringBuilder();
        PlantedFile.lines(out, "", rows.all(), object);
        return List.of(PlantedFile.file("planted.jsonl", PlantedFile.bytes(out)));
    }

    private static String labelled(Row row) {
        return "{\"text\":%s,\"label\":%s,\"split\":%s,\"code\":%s}"
                .formatted(text(row.text), text(row.label), text(row.split), text(row.code()));
    }

    private static String list(String[] texts) {
        return Arrays.stream(texts).map(PlantedJson::text).collect(Collectors.joining(",", "[", "]"));
    }

    private static String text(String text) {
        return Json.MAPPER.writeValueAsString(text);
    }
}
