package dev.anneal.evaluation.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.evaluation.ReferenceCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class TfIdfTest {
    private static final Runnable NEVER = () -> {};

    @TempDir
    Path directory;

    private TfIdf vectors(List<String> texts, int outputs) throws IOException {
        return TfIdf.of(visitor -> each(texts, visitor), outputs, directory, 1e-9, NEVER);
    }

    private static void each(List<String> texts, TfIdf.Visitor visitor) throws IOException {
        for (String text : texts) {
            visitor.accept(text);
        }
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    @Test
    void probabilitiesAreThoseOfScikitLearn() throws IOException {
        for (JsonNode golden : ReferenceCases.of("tf_idf.jsonl.gz")) {
            int[] labels = ReferenceCases.ints(golden.get("labels"));
            int count = golden.get("probabilities").get(0).size();
            TfIdf vectors = vectors(texts(golden.get("texts")), count);

            TfIdf.Fitted model = vectors.labels(labels, count);

            assertThat(vectors.grams()).isEqualTo(golden.get("grams").asInt());
            assertThat(model.isConverged()).isTrue();
            List<String> test = texts(golden.get("test"));
            for (int i = 0; i < test.size(); i++) {
                assertThat(model.scores(test.get(i)))
                        .as(test.get(i))
                        .containsExactly(
                                ReferenceCases.doubles(
                                        golden.get("probabilities").get(i)),
                                within(1e-6));
            }
        }
    }

    @Test
    void numbersAreThoseOfRidgeRegression() throws IOException {
        for (JsonNode golden : ReferenceCases.of("tf_idf.jsonl.gz")) {
            TfIdf.Fitted model =
                    vectors(texts(golden.get("texts")), 1).numbers(ReferenceCases.doubles(golden.get("numbers")));

            List<String> test = texts(golden.get("test"));
            for (int i = 0; i < test.size(); i++) {
                assertThat(model.scores(test.get(i))[0])
                        .isCloseTo(golden.get("predicted_numbers").get(i).asDouble(), within(1e-4));
            }
        }
    }

    @Test
    void aLabelOfSeveralIsFittedAsOneOfTwo() throws IOException {
        JsonNode golden = ReferenceCases.of("tf_idf.jsonl.gz").get(0);
        int[] labels = ReferenceCases.ints(golden.get("labels"));
        BitSet[] rows = {new BitSet(), new BitSet()};
        IntStream.range(0, labels.length).forEach(row -> rows[labels[row]].set(row));

        TfIdf.Fitted model = vectors(texts(golden.get("texts")), 2).labelSets(rows);

        List<String> test = texts(golden.get("test"));
        for (int i = 0; i < test.size(); i++) {
            assertThat(model.scores(test.get(i)))
                    .containsExactly(
                            ReferenceCases.doubles(golden.get("probabilities").get(i)), within(1e-6));
        }
    }

    @Test
    void scoresOfARowAreThoseOfAModelThatWasFittedWithoutIt() throws IOException {
        List<String> texts = new ArrayList<>();
        int[] labels = new int[40];
        for (int row = 0; row < labels.length; row++) {
            labels[row] = row % 2;
            texts.add((row % 2 == 0 ? "good " : "bad ") + "film no" + row);
        }
        labels[7] = 0; // the text says bad

        double[][] scores = vectors(texts, 2).outOfFold(labels, 2, 5);

        assertThat(scores[7][0]).isLessThan(0.5);
        assertThat(scores[9][1]).isGreaterThan(0.5);
        int[] fold = TfIdf.folds(labels, 2, 5);
        for (int k = 0; k < 5; k++) {
            int number = k;
            assertThat(IntStream.of(fold).filter(of -> of == number).count()).isBetween(7L, 9L);
        }
    }

    @Test
    void rareWordsAreForgottenIfThereAreTooMany() {
        Vocabulary.Counter counter = new Vocabulary.Counter(1_000);
        for (int row = 0; row < 5_000; row++) {
            counter.add("common words number" + row);
        }

        Vocabulary vocabulary = counter.vocabulary(2);

        assertThat(vocabulary.size()).isEqualTo(2);
        assertThat(vocabulary.vector("common words").grams()).hasSize(2);
        assertThat(counter.texts()).isEqualTo(5_000);
    }

    @Test
    void theOrderOfTheRowsDoesNotMatterForTheVocabulary() {
        List<String> texts = new ArrayList<>();
        Random random = new Random(1);
        for (int row = 0; row < 300; row++) {
            texts.add("w" + random.nextInt(90) + " w" + random.nextInt(90) + " w" + random.nextInt(9));
        }
        Vocabulary.Counter one = new Vocabulary.Counter(100_000);
        texts.forEach(one::add);
        Collections.shuffle(texts, random);
        Vocabulary.Counter other = new Vocabulary.Counter(100_000);
        texts.forEach(other::add);

        Vocabulary first = one.vocabulary(50);
        Vocabulary second = other.vocabulary(50);

        for (String text : texts) {
            assertThat(first.vector(text).grams()).isEqualTo(second.vector(text).grams());
            assertThat(first.vector(text).weights())
                    .isEqualTo(second.vector(text).weights());
        }
    }

    @Test
    void nothingIsLeftInTheDirectoryAndACheckEndsTheWork() throws IOException {
        List<String> texts = List.of("a good film", "a bad film");
        vectors(texts, 2);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }

        TfIdf vectors = TfIdf.of(visitor -> each(texts, visitor), 2, directory, new Runnable() {
            private int calls;

            @Override
            public void run() {
                if (++calls > 4) {
                    throw new IllegalStateException("stopped");
                }
            }
        });
        assertThatThrownBy(() -> vectors.labels(new int[] {0, 1}, 2)).hasMessage("stopped");
    }

    @Test
    void textsWithoutWordsGetTheSharesOfTheLabels() throws IOException {
        TfIdf.Fitted model = vectors(List.of("!", "?", "", "."), 2).labels(new int[] {0, 0, 0, 1}, 2);

        assertThat(model.scores("anything")[0]).isCloseTo(0.75, within(1e-6));
    }
}
