package dev.anneal.dataset.format;

import dev.anneal.dataset.unpack.Beginning;
import dev.anneal.json.Json;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Refuses files in forms that people have but no task reads, and says how to convert them. */
public final class OtherForms {
    private static final int MAX_LINES = 100;

    /** A token of CoNLL-U: number, form, lemma, part of speech, another one, features, head, relation, other relations, notes. */
    private static final Pattern CONLL_U = Pattern.compile(
            "\\d+(?:[-.]\\d+)?\\t[^\\t]+\\t[^\\t]+\\t(?:[A-Z]+|_)\\t[^\\t]+\\t[^\\t]+\\t(?:\\d+|_)\\t[^\\t]+\\t[^\\t]+\\t[^\\t]+");

    /** An object with a list of objects, and before it at most a few short values such as a version. */
    private static final Pattern WRAPPED = Pattern.compile("\\A\\s*\\{\\s*"
            + "(?:\"[^\"\\\\]{1,40}\"\\s*:\\s*(?:\"[^\"\\\\]{0,200}\"|[-+.\\w]{1,40})\\s*,\\s*){0,5}"
            + "\"(data|dataset|rows|examples|records|items|results|train|validation|test)\"\\s*:\\s*\\[\\s*\\{");

    private OtherForms() {}

    /**
     * Throws a problem if the file has such a form.
     *
     * @param given the format that the request names
     * @param isHeader whether one of some names is that of a column: a usual one, or one that the request names
     */
    public static void refuse(@Nullable FileFormat given, Beginning beginning, Predicate<List<String>> isHeader) {
        if ((given == null || given == FileFormat.conll) && isConllU(beginning)) {
            throw unsupported(
                    "The file is CoNLL-U, which has parts of speech and syntax but no tags of entities. Token classification reads a token and its tag on each line. To learn the parts of speech, write them as tags: awk -F'\\t' '/^[0-9]+\\t/ {print $2 \"\\tB-\" $4} /^$/' old.conllu > new.conll");
        }
        Matcher wrapped = WRAPPED.matcher(beginning.text());
        if ((given == null || given == FileFormat.json) && wrapped.find() && !areLines(beginning, isHeader)) {
            String list = wrapped.group(1);
            throw unsupported(
                    list.equals("data") && beginning.text().contains("\"paragraphs\"")
                            ? "The file has the form of SQuAD: questions about paragraphs, whose answers are parts of them. Write a row with a prompt and a completion for each question: jq -c '.data[].paragraphs[] | .context as $c | .qas[] | select(.answers != []) | {prompt: ($c + \"\\n\\n\" + .question), completion: .answers[0].text}' old.json > new.jsonl"
                            : "The file is one JSON object, whose rows are in its list '%1$s'. Send only the list: jq '.%1$s' old.json > new.json"
                                    .formatted(list));
        }
    }

    private static Problem unsupported(String message) {
        return Problem.unprocessable("unsupported_format", message);
    }

    private static boolean isConllU(Beginning beginning) {
        List<String> tokens = beginning
                .text()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .limit(MAX_LINES)
                .toList();
        return !tokens.isEmpty()
                && tokens.get(0).startsWith("1")
                && tokens.stream().allMatch(line -> CONLL_U.matcher(line).matches());
    }

    /** Returns whether the first line is a row of JSONL, which may have a list of anything: an object with a column, or one of several. */
    private static boolean areLines(Beginning beginning, Predicate<List<String>> isHeader) {
        List<String> lines = beginning
                .text()
                .lines()
                .filter(line -> !line.isBlank())
                .limit(2)
                .toList();
        try {
            JsonNode row = Json.MAPPER.readTree(lines.get(0));
            boolean isFollowed = lines.size() > 1 && lines.get(1).stripLeading().startsWith("{");
            return row.isObject() && (isFollowed || isHeader.test(List.copyOf(row.propertyNames())));
        } catch (JacksonException notAnObject) {
            return false;
        }
    }
}
