package dev.anneal.evaluation.bias;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.ReferenceCases;
import dev.anneal.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BiasTest {
    private static final TermFinder GENDER =
            new TermFinder(TermLists.builtIn().dimensions().get(0));

    private static BitSet bits(JsonNode numbers) {
        BitSet bits = new BitSet();
        numbers.forEach(number -> bits.set(number.asInt()));
        return bits;
    }

    @Test
    void areasUnderCurvesAreThoseOfScikitLearn() throws IOException {
        List<JsonNode> cases = ReferenceCases.of("group_scores.jsonl.gz");
        assertThat(cases).hasSize(200);
        for (JsonNode golden : cases) {
            double[] wide = ReferenceCases.doubles(golden.get("scores"));
            float[] scores = new float[wide.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) wide[i];
            }
            SubgroupAuc.Ranked ranked =
                    new SubgroupAuc.Ranked(scores.length, bits(golden.get("positive"))::get, row -> scores[row]);

            SubgroupAuc auc = ranked.of(bits(golden.get("group"))::get);

            assertEqual(ranked.all(), golden.get("all"));
            assertEqual(auc.subgroup(), golden.get("subgroup"));
            assertEqual(auc.bpsn(), golden.get("bpsn"));
            assertEqual(auc.bnsp(), golden.get("bnsp"));
        }
    }

    private static void assertEqual(Double found, JsonNode golden) {
        if (golden.isNull()) {
            assertThat(found).isNull();
        } else {
            assertThat(found).isCloseTo(golden.asDouble(), within(1e-9));
        }
    }

    @Test
    void theListsOfTheProgramCoverFiveDimensions() {
        assertThat(TermLists.builtIn().dimensions())
                .extracting(TermLists.Dimension::name)
                .containsExactly("gender", "religion", "origin", "age", "disability");
    }

    @Test
    void termsAreWholeWordsInAnyCase() {
        assertThat(GENDER.groups("The theme is human.")).isEmpty();
        assertThat(GENDER.groups("HE said")).containsExactly(0);
        assertThat(GENDER.groups("his wife's film")).containsExactly(0, 1);
        assertThat(GENDER.groups("éhe")).isEmpty();
    }

    @Test
    void termsAreExchangedForThoseAtTheSamePlaceInTheSameCase() {
        assertThat(GENDER.exchange("He and the MEN like his film, she said.", 0, 1))
                .isEqualTo("She and the WOMEN like hers film, she said.");
        assertThat(GENDER.exchange("no terms", 0, 1)).isEqualTo("no terms");
    }

    private static TermFinder finder(String first, String second) {
        return new TermFinder(TermLists.of(Json.MAPPER.valueToTree(
                        Map.of("people", new TreeMap<>(Map.of("a", List.of(first), "b", List.of(second))))))
                .dimensions()
                .get(0));
    }

    @Test
    void lettersWithSeveralLowerCasesAreFoundToo() {
        TermFinder turkish = finder("kadın", "İstanbullu");

        assertThat(turkish.groups("KADIN, kadın")).containsExactly(0);
        assertThat(turkish.groups("İSTANBULLU")).containsExactly(1);
        assertThat(turkish.exchange("KADIN geldi", 0, 1)).isEqualTo("ISTANBULLU geldi");
        assertThat(turkish.exchange("İstanbullu geldi", 1, 0)).isEqualTo("Kadın geldi");
        assertThat(GENDER.groups("ſhe said")).containsExactly(1);
        assertThat(finder("king", "queen").groups("a \u212aing")).containsExactly(0);
        assertThat(finder("islam", "christianity").groups("İslam, ıslam")).containsExactly(0);
    }

    @Test
    void everyLetterIsFoundInItsOtherCases() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            int upper = Character.toUpperCase(c);
            int lower = Character.toLowerCase(c);
            if (!Character.isLetter(c) || upper == c && lower == c) {
                continue;
            }
            String text =
                    "x" + Character.toString(c) + " x" + Character.toString(upper) + " x" + Character.toString(lower);
            assertThat(finder("x" + Character.toString(c), "none").groups(text))
                    .as(text)
                    .containsExactly(0);
        }
    }

    @Test
    void theTextsThatAreShownEndWithAWholeCharacter() {
        String text = "A boy " + "😀".repeat(1_200);

        Counterfactuals found = Objects.requireNonNull(collect(
                all -> all.stream()
                        .map(each -> each.text().contains("boy") ? new float[] {1, 0} : new float[] {0, 1})
                        .toList(),
                List.of(text)));

        assertThat(found.largest()).singleElement().satisfies(example -> {
            assertThat(example.text()).isEqualTo("A boy " + "😀".repeat(994));
            assertThat(example.exchanged()).isEqualTo("A girl " + "😀".repeat(993));
        });
    }

    @Test
    void aModelThatReadsOnlyTheTermIsCaughtAndAFairOneIsNot() {
        Counterfactuals.Scorer skewed = texts -> texts.stream()
                .map(text -> text.text().contains("woman") ? new float[] {0.9f, 0.1f} : new float[] {0.2f, 0.8f})
                .toList();
        Counterfactuals.Scorer fair =
                texts -> texts.stream().map(text -> new float[] {0.3f, 0.7f}).toList();

        Counterfactuals.Exchange caught = exchange(skewed, "man", "male");
        Counterfactuals.Exchange none = exchange(fair, "man", "male");

        assertThat(caught.to()).isEqualTo("female");
        assertThat(caught.pairs()).isEqualTo(50);
        assertThat(caught.changed()).isEqualTo(1);
        assertThat(caught.shift()).isCloseTo(-0.7, within(1e-6));
        assertThat(caught.moved()).isCloseTo(0.7, within(1e-6));
        assertThat(none.changed()).isZero();
        assertThat(none.moved()).isZero();
    }

    private static Counterfactuals.Exchange exchange(Counterfactuals.Scorer scorer, String term, String from) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            texts.add("The " + term + " number " + i);
        }
        Counterfactuals found = Objects.requireNonNull(collect(scorer, texts));
        return found.exchanges().stream()
                .filter(exchange -> exchange.from().equals(from))
                .findFirst()
                .orElseThrow();
    }

    private static Counterfactuals collect(Counterfactuals.Scorer scorer, List<String> texts) {
        List<TermFinder> finders = List.of(GENDER);
        long pairs = texts.stream()
                .mapToLong(text -> Counterfactuals.pairs(finders, text))
                .sum();
        var collector =
                new Counterfactuals.Collector(finders, scorer, Counterfactuals.oneLabel(2), pairs, texts.size());
        for (int i = 0; i < texts.size(); i++) {
            var text = new Counterfactuals.Text(texts.get(i), null);
            collector.add(i + 1, text, scorer.scores(List.of(text)).get(0));
        }
        return collector.end();
    }

    @Test
    void theMeanMoveIsThatOfEachPairAlone() {
        Counterfactuals.Scorer scorer = texts -> texts.stream()
                .map(text -> {
                    float score = (text.text().hashCode() & 1023) / 1023f;
                    return new float[] {1 - score, score};
                })
                .toList();
        List<String> texts = new ArrayList<>();
        double moved = 0;
        int changed = 0;
        for (int i = 0; i < 90; i++) {
            String text = "A boy and film " + i;
            texts.add(text);
            float before = (text.hashCode() & 1023) / 1023f;
            float after = (text.replace("boy", "girl").hashCode() & 1023) / 1023f;
            moved += Math.abs(after - before) / 90;
            changed += before > 0.5f != after > 0.5f ? 1 : 0;
        }

        Counterfactuals found = Objects.requireNonNull(collect(scorer, texts));

        assertThat(found.exchanges()).singleElement().satisfies(exchange -> {
            assertThat(exchange.changedInterval()).isNotNull();
            assertThat(exchange.shift()).isNotNull();
        });
        assertThat(found.exchanges().get(0).moved()).isCloseTo(moved, within(1e-6));
        assertThat(found.exchanges().get(0).changed()).isCloseTo(changed / 90.0, within(1e-9));
        assertThat(found.largest()).hasSize(20);
        assertThat(found.largest().get(0).exchanged()).contains("girl");
    }

    @Test
    void ofManyPairsEvenlySpreadOnesAreComputed() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            texts.add((i < 1_500 ? "the man " : "the woman ") + i);
        }

        Counterfactuals found = Objects.requireNonNull(collect(
                all -> all.stream().map(text -> new float[] {0.5f, 0.5f}).toList(), texts));

        assertThat(found.pairs()).isEqualTo(1_000);
        assertThat(found.leftOut()).isEqualTo(2_000);
        assertThat(found.exchanges())
                .extracting(Counterfactuals.Exchange::pairs)
                .containsExactly(500, 500);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []                                             | must be an object of 1 to 20 dimensions
            {}                                             | must be an object of 1 to 20 dimensions
            {"gender":["he"]}                              | 'gender' must have 2 to 50 groups
            {"gender":{"male":["he"]}}                     | 'gender' must have 2 to 50 groups
            {"gender":{"male":["he"],"female":[]}}         | 'gender.female' must be a list of 1 to 200 terms
            {"gender":{"male":["he"],"female":[" "]}}      | 'gender.female' must have terms of 1 to 100 characters
            {"gender":{"male":["he"],"female":["a","b"]}}  | 'gender.female' has 2 terms, but the first group of 'gender' has 1
            {"gender":{"male":["he"],"female":["He"]}}     | both have the term 'he'
            {"gender":{"male":["she"],"female":["ſhe"]}}   | both have the term 'ſhe'
            """)
    void listsThatCannotBeUsedAreRefusedByName(String json, String message) {
        assertThatThrownBy(() -> TermLists.of(Json.MAPPER.readTree(json)))
                .isInstanceOf(TermLists.InvalidTermsException.class)
                .hasMessageContaining(message);
    }
}
