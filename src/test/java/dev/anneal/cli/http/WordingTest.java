package dev.anneal.cli.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line names its options and commands, whatever the server says. */
class WordingTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/anneal");

    /** String constants with {@code +} between them, and what is between two of them. */
    private static final Pattern MESSAGE = Pattern.compile(
            "\"(?:[^\"\\\\\\n]|\\\\.)*+\"(?:\\s*+\\+\\s*+(?:\"(?:[^\"\\\\\\n]|\\\\.)*+\"|[\\w.]++(?:\\([\\w.,\" ]*+\\))?))*+");

    private static final Pattern CONSTANT =
            Pattern.compile("\"((?:[^\"\\\\\\n]|\\\\.)*+)\"|\\+\\s*+[\\w.]++(?:\\([\\w.,\" ]*+\\))?");
    private static final Pattern SENTENCE =
            Pattern.compile("(?:[A-Z'%].*|.*[a-z] .*)[.:]|must .*|may .*|is required.*");
    private static final Pattern OF_THE_API = Pattern.compile("\\b(?:GET|POST|PUT|PATCH|DELETE) /|/api/v1|\\[\\d+]");
    private static final Pattern FIELD = Pattern.compile("(?<![\\w=.-])'?([a-z]+(?:_[a-z0-9]+)*)'?(?![\\w=.])");

    @Test
    void noMessageOfTheServerSpeaksOfTheApi() throws IOException {
        List<String> wrong = new ArrayList<>();
        TreeSet<String> messages = messages();
        assertThat(messages).hasSizeGreaterThan(500).contains("The file is empty.");

        for (String message : messages) {
            String translated = Wording.message(message);
            Matcher field = FIELD.matcher(translated.replaceAll("--task-options \\w+", "--task-options"));
            boolean hasField = false;
            while (field.find()) {
                boolean isQuoted =
                        field.group().startsWith("'") && field.group().endsWith("'");
                boolean isNoun = translated
                        .substring(0, field.start())
                        .matches(".*\\b(?:column|role|label|task|method|file|type|form|name) ");
                hasField |= Wording.OPTIONS.containsKey(field.group(1))
                        && (field.group(1).contains("_") || isQuoted && !isNoun);
            }
            if (hasField || OF_THE_API.matcher(translated).find()) {
                wrong.add(translated);
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void noTextOfTheCommandLineHasTheNameOfAField() throws IOException {
        List<String> wrong = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES.resolve("cli"))) {
            for (Path file : files.filter(path -> path.toString().matches(".*(?<!Wording|Options)\\.java"))
                    .toList()) {
                Matcher text = CONSTANT.matcher(Files.readString(file));
                while (text.find()) {
                    Matcher field = FIELD.matcher(String.valueOf(text.group(1)));
                    while (String.valueOf(text.group(1)).contains(" ") && field.find()) {
                        if (field.group(1).contains("_") && Wording.OPTIONS.containsKey(field.group(1))) {
                            wrong.add(file + ": " + text.group(1));
                        }
                    }
                }
            }
        }

        assertThat(wrong).isEmpty();
    }

    /** Returns the sentences in the sources of the server, with examples in place of what they are filled with. */
    private static TreeSet<String> messages() throws IOException {
        TreeSet<String> messages = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.startsWith(SOURCES.resolve("cli")))
                    .toList()) {
                Matcher message = MESSAGE.matcher(Files.readString(file).replaceAll("(?m)^\\s*(?://|\\*|/\\*).*$", ""));
                while (message.find()) {
                    String text = filled(message.group());
                    if (text.contains(" ") && SENTENCE.matcher(text).matches() && !text.contains("curl -F")) {
                        messages.add(text);
                    }
                }
            }
        }
        return messages;
    }

    private static String filled(String source) {
        StringBuilder text = new StringBuilder();
        Matcher constant = CONSTANT.matcher(source);
        while (constant.find()) {
            text.append(constant.group(1) == null ? "x" : constant.group(1));
        }
        return text.toString()
                .replace("\\\"", "\"")
                .replaceAll("%(?:,?d|\\.\\df)", "7")
                .replace(".%s", ".")
                .replace("%ss", "datasets")
                .replace("%s", "x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            inputs[0]                     | 'inputs[0]' must have 1 to 9 characters.        | TEXT 1 must have 1 to 9 characters.
            inputs[2].text                | 'inputs[2].text' must be a text.                | TEXT 3 must be a text.
            prompt                        | 'prompt' must have 1 to 9 characters.           | TEXT must have 1 to 9 characters.
            messages[0].content           | 'messages[0].content' must be a text.           | TEXT must be a text.
            steps[1].map                  | 'steps[1].map' must be an object.               | step 2 must be an object.
            hyperparameters.epochs        | 'hyperparameters.epochs' must be a number.      | --epochs must be a number.
            hyperparameters.class_weights.good | 'hyperparameters.class_weights.good' is no label. | --class-weights good=… is no label.
            method.r                      | 'method.r' must be from 1 to 1024.              | --method r=… must be from 1 to 1024.
            encoding                      | Name its encoding in 'encoding'.                | Name its encoding in --encoding.
            max_skipped                   | 3 of 170 rows are bad. Raise 'max_skipped'.     | 3 of 170 rows are bad. Raise --max-skipped.
            columns                       | Rows need 'prompt' and 'completion'.            | Rows need 'prompt' and 'completion'.
            columns                       | 'columns' names 'split' for the role 'text'.    | --columns names 'split' for the role 'text'.
            label_map                     | 'label_map' maps 'a' to 'b'.                    | --label-map maps 'a' to 'b'.
            source                        | 'source' must be an https URL.                  | The source must be an https URL.
            long_texts                    | 'split' is not a valid value for 'long_texts'.  | 'split' is not a valid value for --long-texts.
            -                             | The label 'Name' differs from 'name' only in case. | The label 'Name' differs from 'name' only in case.
            -                             | 'columns' is not a split. Use train or test.    | 'columns' is not a split. Use train or test.
            early_stopping.metric         | 'name' is not a metric of text-classification.  | 'name' is not a metric of text-classification.
            -                             | Lower batch_size or max_length (now 8).         | Lower --batch-size or --max-length (now 8).
            -                             | There is no project 'x'. GET /api/v1/projects lists the projects that you can use. | There is no project 'x'. `anneal projects` lists the projects that you can use.
            -                             | GET /api/v1/jobs/job_1/checkpoints lists them.  | `anneal checkpoints job_1` lists them.
            -                             | There is no webhook 'x'. GET /api/v1/webhooks lists the webhooks. | There is no webhook 'x'.
            -                             | The path '/x' does not exist. GET /openapi.yaml lists all paths. | The path '/x' does not exist.
            """)
    void fieldsAreOptionsAndCallsAreCommands(String field, String message, String translated) {
        assertThat(Wording.message(message, field, Map.of())).isEqualTo(translated);
    }

    @Test
    void aCommandThatHasAnOptionUnderAnotherNameIsToldThatName() {
        Map<String, String> own = Map.of("columns", "--text-column", "columns.text", "--text-column");

        assertThat(Wording.message("Name it in 'columns', as in {\"text\": \"…\"}.", null, own))
                .isEqualTo("Name it in --text-column, as in --text-column ….");
        assertThat(Wording.message("Name it in 'columns', as in {\"text\": \"a\", \"label\": \"b\"}.", null, own))
                .isEqualTo("Name it in --text-column, as in text=a,label=b.");
        assertThat(Wording.option("columns.label", own)).isEqualTo("--text-column label=…");
        assertThat(Wording.options("Use --no-header, --epochs 3 or --nothing, not a--model."))
                .containsExactly("--no-header", "--epochs");
    }
}
