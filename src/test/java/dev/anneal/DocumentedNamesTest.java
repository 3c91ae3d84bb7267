package dev.anneal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Searches CONTRIBUTING.md, README.md and docs for classes and files of ours in backticks that do not exist. */
class DocumentedNamesTest {
    /** A class, if need be with its package and a member: {@code Job}, {@code @ServerTest}, {@code spec/JobSpec.java}. */
    private static final Pattern CLASS =
            Pattern.compile("`@?((?:[a-z]+/)*)([A-Z]\\w*[a-z]\\w*)(?:\\.java|(?:\\.|::|\\()[^` ]*)?`");

    /** A file of the programs: {@code programs/train.py}. */
    private static final Pattern PROGRAM = Pattern.compile("`(programs/\\w+\\.py)`");

    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|record|enum|interface) ([A-Z]\\w+)");

    /** Names that are not ours, or not there yet. */
    private static final Map<String, String> NOT_OURS = Map.ofEntries(
            Map.entry("IValue", "DJL"),
            Map.entry("JniUtils", "DJL"),
            Map.entry("NDArray", "DJL"),
            Map.entry("NDManager", "DJL"),
            Map.entry("Module", "libtorch"),
            Map.entry("ClassLabel", "Hugging Face datasets"),
            Map.entry("EarlyStoppingCallback", "transformers"),
            Map.entry("Nullable", "JSpecify"),
            Map.entry("NullMarked", "JSpecify"),
            Map.entry("JdbcClient", "Spring"),
            Map.entry("Wqkv", "a layer of ModernBERT"),
            Map.entry("SseEmitter", "Spring"),
            Map.entry("TfidfVectorizer", "scikit-learn"),
            Map.entry("LogisticRegression", "scikit-learn"),
            Map.entry("Ridge", "scikit-learn"));

    private static final Map<String, String> PROPOSED = Map.of(
            "PreferenceTask", "the example of an addition in CONTRIBUTING.md",
            "PreferenceReport", "the example of an addition in CONTRIBUTING.md",
            "programs/preference.py", "the example of an addition in CONTRIBUTING.md");

    @Test
    void classesAndProgramsThatTheDocumentsNameExist() throws IOException {
        List<Path> sources = files("src", ".java");
        Set<String> classes = new HashSet<>();
        for (Path source : Stream.concat(sources.stream(), files("src/main/resources/programs", ".py").stream())
                .toList()) {
            Matcher declared = DECLARED.matcher(Files.readString(source));
            while (declared.find()) {
                classes.add(declared.group(1));
            }
        }
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path document : documents()) {
            String text = FENCED.matcher(Files.readString(document)).replaceAll("");
            for (MatchResult name : CLASS.matcher(text).results().toList()) {
                named++;
                String file = name.group(1) + name.group(2) + ".java";
                boolean exists = name.group(1).isEmpty()
                        ? classes.contains(name.group(2))
                        : sources.stream().anyMatch(source -> source.endsWith(file));
                if (!exists && !NOT_OURS.containsKey(name.group(2)) && !PROPOSED.containsKey(name.group(2))) {
                    missing.add(document + " " + name.group());
                }
            }
            for (MatchResult name : PROGRAM.matcher(text).results().toList()) {
                if (!Files.exists(Path.of("src/main/resources", name.group(1)))
                        && !PROPOSED.containsKey(name.group(1))) {
                    missing.add(document + " " + name.group());
                }
            }
        }

        assertThat(named).as("names of classes").isGreaterThan(50);
        assertThat(missing)
                .as("names of classes that do not exist; write the new name, or add the name to NOT_OURS")
                .isEmpty();
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Path.of("CONTRIBUTING.md"), Path.of("README.md")));
        documents.addAll(files("docs", ".md"));
        return documents;
    }

    private static List<Path> files(String directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
