package dev.anneal.dataset.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void wordsAreInLowerCaseAndApostrophesBelongToThem() {
        assertThat(Words.of("It's THE \u0130stanbul 'quote' x2 \u039f\u0394\u039f\u03a3!"))
                .containsExactly(
                        "it's",
                        "the",
                        "\u0130stanbul".toLowerCase(java.util.Locale.ROOT),
                        "quote",
                        "x2",
                        "\u03bf\u03b4\u03bf\u03c2");
        assertThat(Words.of("\u7ea2\u7eff a" + "b".repeat(60))).containsExactly("\u7ea2", "\u7eff");
        assertThat(Words.count("one two, three")).isEqualTo(3);
    }

    /** A list of all words of a long text would take twenty times the memory of the text. */
    @Test
    void theWordsOfALongTextAreVisitedOneByOne() {
        List<String> first = new ArrayList<>();

        assertThatThrownBy(() -> Words.visit("a word ".repeat(1_000_000), word -> {
                    first.add(word);
                    if (first.size() == 3) {
                        throw new IllegalStateException("enough");
                    }
                }))
                .hasMessage("enough");
        assertThat(first).containsExactly("a", "word", "a");
    }
}
