package dev.anneal.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.transformer.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowsTest {
    private static final List<String> VOCABULARY =
            List.of("food", "bread", "unbelievably", "the", "\u200b", "Charlottenburg", "x");

    @Test
    void eachWordOfALongSentenceHasItsPlaceInOneWindow() {
        Random random = new Random(5);
        for (int length : List.of(1, 10, 14, 15, 40, 300)) {
            List<String> words = IntStream.range(0, length)
                    .mapToObj(i -> VOCABULARY.get(random.nextInt(VOCABULARY.size())))
                    .toList();
            try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 16);
                    Tokenizer unlimited = Tokenizer.load(TestModels.bundled(), 5000)) {
                Words whole = unlimited.encodeWords(words).get(0);
                int next = 0;
                for (Words window : tokenizer.encodeWords(words)) {
                    assertThat(window.text().length()).isLessThanOrEqualTo(16);
                    assertThat(window.text().ids()).startsWith(101).endsWith(102);
                    assertThat(window.first()).isEqualTo(next);
                    for (int place : window.firstTokens()) {
                        int expected = whole.firstTokens()[next++];
                        assertThat(place < 0).isEqualTo(expected < 0);
                        if (place >= 0) {
                            assertThat(window.text().ids()[place])
                                    .isEqualTo(whole.text().ids()[expected]);
                        }
                    }
                }
                assertThat(next).isEqualTo(length);
            }
        }
    }

    @Test
    void aWordSeesWhatIsAroundItOnBothSides() {
        List<String> words = new ArrayList<>(Collections.nCopies(200, "food"));
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 34)) {
            List<Words> windows = tokenizer.encodeWords(words);
            for (int i = 0; i < windows.size(); i++) {
                int[] places = windows.get(i).firstTokens();
                assertThat(places[0]).isGreaterThanOrEqualTo(i == 0 ? 1 : 5);
                assertThat(places[places.length - 1]).isLessThanOrEqualTo(i == windows.size() - 1 ? 32 : 29);
            }
        }
    }

    @Test
    void aWordOfMoreTokensThanAWindowIsSplit() {
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 8)) {
            List<Words> windows = tokenizer.encodeWords(List.of("food", "x".repeat(80), "bread"));
            assertThat(windows).allMatch(window -> window.text().length() <= 8);
            assertThat(windows.stream()
                            .mapToInt(window -> window.firstTokens().length)
                            .sum())
                    .isEqualTo(3);
            Words last = windows.get(windows.size() - 1);
            assertThat(last.text().ids()[last.firstTokens()[last.firstTokens().length - 1]])
                    .isEqualTo(7852);
        }
    }

    @Test
    void wordsHaveTheSpecialTokensOfTheirModel() {
        try (Tokenizer tokenizer = Tokenizer.load(Path.of("src/test/resources/models/roberta"), 12)) {
            List<Words> windows = tokenizer.encodeWords(Collections.nCopies(40, "river"));
            int[] first = windows.get(0).text().ids();
            assertThat(windows.size()).isGreaterThan(3);
            assertThat(windows).allMatch(window -> window.text().ids()[0] == first[0]);
        }
    }

    @Test
    void aLongTextGoesThroughWindowsOfFullLength() {
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 18)) {
            assertThat(tokenizer.encodeWindows("food bread").get(0).ids())
                    .isEqualTo(tokenizer.encode("food bread", null).ids());
            List<Encoded> windows = tokenizer.encodeWindows("food ".repeat(50) + "bread");
            assertThat(windows).hasSize(4).allMatch(window -> window.length() == 18);
            assertThat(windows.get(3).ids()[16]).isEqualTo(7852);
        }
    }

    @Test
    void tokensThatAreLeftOutAreCounted() {
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 18)) {
            String text = "food ".repeat(50);
            assertThat(tokenizer.leftOut(tokenizer.encode(text, null), text, null))
                    .isEqualTo(34);
            assertThat(tokenizer.leftOut(tokenizer.encode(text, "bread"), text, "bread"))
                    .isEqualTo(36);
            String full = "food ".repeat(16);
            assertThat(tokenizer.leftOut(tokenizer.encode(full, null), full, null))
                    .isZero();
        }
    }
}
