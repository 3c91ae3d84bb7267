package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Searches texts that people read for words that CONTRIBUTING.md ("How we write") replaces by plainer ones. */
class PlainEnglishTest {
    /** Words to avoid, and what to write instead. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("\\banew\\b", "again, from the start"),
            Map.entry("\\bgo(?:es|ing)? on\\b|\\bwent on\\b", "continue, resume"),
            Map.entry("\\bof (?:its|their|his|our|my) own\\b", "its own …, separate"),
            Map.entry("\\bcom(?:es?|ing) to nothing\\b|\\bcame to nothing\\b", "fail"),
            Map.entry("\\bheld against\\b", "checked against, compared with"),
            Map.entry("\\b(?:is|are|was|were|be|been) away\\b", "unavailable"),
            Map.entry("\\bnobody's\\b", "say who or what"),
            Map.entry("\\bfor want of\\b", "because … is missing"),
            Map.entry("\\bmay well\\b", "may"),
            Map.entry("\\bin vain\\b", "without success"),
            Map.entry("\\bme(?:e)?ts? a fault\\b", "fail, internal error"),
            Map.entry("\\bvanish", "be lost, disappear"),
            Map.entry("\\bpassed over\\b", "skipped"),
            Map.entry("\\bas many [\\w ]+ as (?:it |they )?may\\b", "the maximum number, the limit"),
            Map.entry("\\bcrossed out\\b", "deleted"),
            Map.entry("\\bsees? to it\\b", "ensure"),
            Map.entry("\\b(?:is|are) told\\b", "get a message, receive"),
            Map.entry("\\bcomes? of it\\b", "follow, result"),
            Map.entry("\\bteach(?:es)?\\b", "contain, occur in"),
            Map.entry("\\bbrings? out\\b|\\bbrought out\\b", "upload, publish"),
            Map.entry("\\bdo(?:es)? not fit\\b", "is not valid, is too large"));

    /** A Javadoc opens with "Returns", "Renders", "Thrown when", or a noun phrase. */
    private static final Pattern JAVADOC =
            Pattern.compile("/\\*\\*\\s*(?:\\*\\s*)?(?:What|How|Of|As|Where|Who|That|So|By|Whether|When|With) ");

    /** A description in the contract says what a thing is: "The number of rows", "True if …". */
    private static final Pattern DESCRIPTION = Pattern.compile(
            "(?:description|summary): (?:[>|][-+]?\\n\\s*)?['\"]?(?:What|How|Of|As|Where|Who|That|So|By|Whether|When|Why|Which|With) ");

    private static final Pattern JAVA_TEXT = Pattern.compile(
            "\"\"\"[\\s\\S]*?\"\"\"|\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+\"|//[^\\n]*|/\\*[\\s\\S]*?\\*/|'(?:\\\\.|[^'\\\\])'");

    @Test
    void textsUsePlainWords() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(file);
            if (file.toString().endsWith(".java")) {
                Matcher part = JAVA_TEXT.matcher(text);
                while (part.find()) {
                    search(file, text, part.start(), part.group(), found);
                }
                Matcher javadoc = JAVADOC.matcher(text);
                while (javadoc.find()) {
                    add(file, text, javadoc.start(), "open a Javadoc with 'Returns …' or a noun phrase", found);
                }
            } else {
                search(file, text, 0, text, found);
                Matcher description = DESCRIPTION.matcher(file.endsWith("openapi.yaml") ? text : "");
                while (description.find()) {
                    add(file, text, description.start(), "open a description with a noun, or 'True if …'", found);
                }
            }
        }
        assertThat(found).as("words to avoid; write what is in parentheses").isEmpty();
    }

    private static void search(Path file, String text, int offset, String part, List<String> found) {
        WORDS.forEach((word, instead) -> {
            Matcher matcher = Pattern.compile(word, Pattern.CASE_INSENSITIVE).matcher(part);
            while (matcher.find()) {
                add(file, text, offset + matcher.start(), "'" + matcher.group() + "' (" + instead + ")", found);
            }
        });
    }

    private static void add(Path file, String text, int offset, String problem, List<String> found) {
        long line = 1 + text.substring(0, offset).chars().filter(c -> c == '\n').count();
        found.add(file + ":" + line + " " + problem);
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> source = Files.walk(Path.of("src"));
                Stream<Path> bench = Files.walk(Path.of("bench"));
                Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.of(
                            source.filter(file -> file.toString().matches(".*\\.(java|py|yaml)")
                                    && !file.endsWith("PlainEnglishTest.java")), // which has the words to avoid
                            bench.filter(file ->
                                    file.toString().matches("bench/[^.]*|.*\\.(py|md)") && Files.isRegularFile(file)),
                            docs.filter(file -> file.toString().endsWith(".md")),
                            Stream.of("openapi.yaml", "README.md", "CONTRIBUTING.md", "anneal")
                                    .map(Path::of))
                    .flatMap(files -> files)
                    .toList();
        }
    }
}
