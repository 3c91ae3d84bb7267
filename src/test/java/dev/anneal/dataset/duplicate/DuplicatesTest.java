package dev.anneal.dataset.duplicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.dataset.check.RowTexts;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DuplicatesTest {
    @TempDir
    Path directory;

    private final Sides sides = new Sides();
    private boolean complete;

    private Set<String> find(List<String> texts, String... labels) throws IOException {
        Set<String> found = new TreeSet<>();
        try (Duplicates duplicates = new Duplicates(directory, CheckOptions.DEFAULT)) {
            for (int i = 0; i < texts.size(); i++) {
                duplicates.add(i + 1, i + 1, texts.get(i), labels.length == 0 ? null : labels[i]);
            }
            complete = duplicates.find(
                    sides,
                    EnumSet.allOf(Duplicates.Kind.class),
                    (kind, row, other, similarity) -> found.add(kind + " " + row + " " + other));
        }
        return found;
    }

    @Test
    void aRowRepeatsTheFirstOneOfItsSide() throws IOException {
        sides.evaluate(4);
        sides.evaluate(5);

        assertThat(find(List.of("same", "other", "same", "alone", "alone", "same")))
                .containsExactly("DUPLICATE 3 1", "DUPLICATE 5 4", "DUPLICATE 6 1");
    }

    @Test
    void anEqualTextWithAnotherLabelIsAConflict() throws IOException {
        assertThat(find(List.of("a", "a", "a"), "x", "y", "x")).containsExactly("CONFLICT 2 1", "DUPLICATE 3 1");
    }

    /** In Java, the strings Aa and BB have the same hash code. */
    @Test
    void labelsWithTheSameHashCodeAreDifferent() throws IOException {
        assertThat(find(List.of("a", "a"), "Aa", "BB")).containsExactly("CONFLICT 2 1");
    }

    @Test
    void pairsThatDivideTheSameWordsDifferentlyAreDifferent() throws IOException {
        assertThat(find(List.of(pair("foo", "bar baz"), pair("foo bar", "baz"), pair("Foo ", "bar  baz"))))
                .containsExactly("DUPLICATE 3 1");
    }

    private static String pair(String text, String other) {
        return RowTexts.of(Json.MAPPER.createObjectNode().put("text", text).put("text_pair", other));
    }

    @Test
    void evaluationRowsLeakWhereverTheTrainingRowIs() throws IOException {
        sides.evaluate(1);
        sides.evaluate(3);

        assertThat(find(List.of("a", "a", "a", "b"))).containsExactly("DUPLICATE 3 1", "LEAKAGE 1 2", "LEAKAGE 3 2");
    }

    @Test
    void aLeakingRowThatRepeatsOneOfItsSideWithAnotherLabelIsAlsoAConflict() throws IOException {
        sides.evaluate(2);
        sides.evaluate(3);

        assertThat(find(List.of("a", "a", "a"), "x", "x", "y"))
                .containsExactly("CONFLICT 3 2", "LEAKAGE 2 1", "LEAKAGE 3 1");
    }

    @Test
    void copiesOfARowThatAlmostLeaksLeakToo() throws IOException {
        String text = "The film was long, but I liked the music and most of the actors in it.";
        sides.evaluate(2);
        sides.evaluate(3);

        assertThat(find(List.of(text, text + "!", text + "!")))
                .containsExactly("DUPLICATE 3 2", "NEAR_LEAKAGE 2 1", "NEAR_LEAKAGE 3 1");
    }

    @Test
    void almostEqualTextsAreFoundOnBothSides() throws IOException {
        String text = "The film was long, but I liked the music and most of the actors in it.";
        sides.evaluate(2);

        assertThat(find(List.of(text, text + "!", text.replace("long", "lng"), "Nothing like the others at all")))
                .containsExactly("NEAR_DUPLICATE 3 1", "NEAR_LEAKAGE 2 1");
    }

    /** Compares with all pairs, whose similarity is computed in the plainest way. */
    @Test
    void pairsOfAnySimilarityFromTheThresholdOnAreFoundAndNoOthers() throws IOException {
        Random random = new Random(3);
        List<String> texts = new java.util.ArrayList<>();
        for (int i = 0; i < 700; i++) {
            String text = sentence(random);
            texts.add(text);
            texts.add(edited(text, 1 + random.nextInt(4), random));
        }
        Set<String> expected = new TreeSet<>();
        List<Set<String>> shingles =
                texts.stream().map(DuplicatesTest::shingles).toList();
        for (int i = 0; i < texts.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!texts.get(i).equals(texts.get(j)) && jaccard(shingles.get(i), shingles.get(j)) >= 0.8) {
                    expected.add("NEAR_DUPLICATE " + (i + 1) + " " + (j + 1));
                }
            }
        }

        Set<String> found = find(texts);

        assertThat(expected).hasSizeGreaterThan(200);
        found.removeIf(pair -> pair.startsWith("DUPLICATE"));
        assertThat(expected).containsAll(found);
        assertThat(found.size()).isGreaterThan(expected.size() * 97 / 100);
    }

    @Test
    void manySimilarRowsAreAllFoundInLittleTime() throws IOException {
        List<String> texts = new java.util.ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            texts.add("The measured temperature of the reactor in the second hall was normal, reading no. " + i);
        }

        Set<String> found = find(texts);

        assertThat(found).hasSizeGreaterThan(19_900);
    }

    /** Prompts often begin with the same instructions. Five sixths of these texts are the same. */
    @Test
    @Timeout(120)
    void textsThatHaveMuchInCommonAreAllComparedInLittleTime() throws IOException {
        Random random = new Random(5);
        StringBuilder common = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            common.append(sentence(random)).append(". ");
        }
        List<String> texts = new java.util.ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            texts.add(common + sentence(random));
            if (i % 3 == 0) {
                sides.evaluate(i + 1);
            }
        }
        Set<String> expected = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            texts.add(edited(texts.get(i * 300), 1, random));
            expected.add("LEAKAGE " + (i * 300 + 1) + " "); // with any of the similar rows
        }

        Set<String> found = find(texts);

        assertThat(complete).isTrue();
        assertThat(expected).allMatch(row -> found.stream().anyMatch(each -> each.contains(row)));
    }

    @Test
    @Timeout(120)
    void longTextsThatHaveMuchInCommonTakeLittleTime() throws IOException {
        Random random = new Random(5);
        StringBuilder common = new StringBuilder();
        while (common.length() < 30_000) {
            common.append(sentence(random)).append(". ");
        }
        List<String> texts = new java.util.ArrayList<>();
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder(common);
            while (text.length() < 41_000) {
                text.append(sentence(random)).append(". ");
            }
            texts.add(text.toString());
        }

        find(texts);

        assertThat(complete).isTrue();
    }

    /** Several tasks share a beginning, and each has its own instructions. The words of the inputs are often the same. */
    @Test
    @Timeout(120)
    void textsOfSeveralTemplatesAndFewWordsAreAllComparedInLittleTime() throws IOException {
        Random random = new Random(5);
        List<String> words = random.ints(500, 0, Integer.MAX_VALUE)
                .mapToObj(i -> Integer.toString(i, 36))
                .toList();
        String common = words(words, 50, random);
        List<String> templates = List.of(words(words, 12, random), words(words, 12, random), words(words, 12, random));
        List<String> texts = new java.util.ArrayList<>();
        for (int i = 0; i < 9_000; i++) {
            texts.add(common + " " + templates.get(i / 3_000) + " " + words(words, 13, random));
            if (i % 3 == 0) {
                sides.evaluate(i + 1);
            }
        }
        Set<String> expected = new TreeSet<>();
        for (int i = 0; i < 300; i++) {
            texts.add(texts.get(i * 30).replaceFirst("\\w+$", "other"));
            expected.add(texts.size() + " ");
        }

        Set<String> found = find(texts);

        assertThat(complete).isTrue();
        assertThat(expected.stream()
                        .filter(row -> found.stream().anyMatch(each -> (each + " ").contains(" " + row)))
                        .count())
                .isGreaterThanOrEqualTo(295);
    }

    private static String words(List<String> words, int count, Random random) {
        List<String> some = new java.util.ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(words.get(random.nextInt(words.size())));
        }
        return String.join(" ", some);
    }

    private static Set<String> shingles(String text) {
        Set<String> shingles = new HashSet<>();
        for (int i = 0; i + 5 <= text.length(); i++) {
            shingles.add(text.substring(i, i + 5));
        }
        return shingles;
    }

    private static double jaccard(Set<String> a, Set<String> b) {
        if (a.size() > b.size()) {
            return jaccard(b, a);
        }
        // Also if the larger set has all of the smaller one, the similarity is not above this.
        double most = (double) a.size() / b.size();
        if (most < 0.8) {
            return most;
        }
        int both = 0;
        for (String each : a) {
            both += b.contains(each) ? 1 : 0;
        }
        return (double) both / (a.size() + b.size() - both);
    }

    static String sentence(Random random) {
        StringBuilder text = new StringBuilder();
        for (int words = 8 + random.nextInt(10); words > 0; words--) {
            text.append(text.isEmpty() ? "" : " ");
            for (int letters = 2 + random.nextInt(7); letters > 0; letters--) {
                text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }

    static String edited(String text, int edits, Random random) {
        StringBuilder edited = new StringBuilder(text);
        for (int i = 0; i < edits; i++) {
            int place = random.nextInt(edited.length());
            edited.setCharAt(place, edited.charAt(place) == ' ' ? ' ' : (char) ('a' + random.nextInt(26)));
        }
        return edited.toString();
    }
}
