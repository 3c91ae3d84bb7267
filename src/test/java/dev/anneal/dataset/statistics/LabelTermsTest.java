package dev.anneal.dataset.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelTermsTest {
    @Test
    void aVocabularyOfAnySizeIsCountedInBoundedMemory() {
        LabelTerms terms = new LabelTerms();
        for (int i = 0; i < 4_000; i++) {
            Set<String> row = new HashSet<>(List.of(i % 2 == 0 ? "even" : "odd"));
            for (int k = 0; k < 50; k++) {
                row.add("once" + (50 * i + k));
            }
            terms.add(i % 2 == 0 ? "e" : "o", row);
            assertThat(terms.size()).isLessThanOrEqualTo(LabelTerms.MOST_TERMS);
        }

        assertThat(terms.top()).extracting(label -> label.terms().get(0).term()).containsExactly("even", "odd");
    }

    @Test
    void termsThatAreEvenlySpreadTellNothing() {
        LabelTerms terms = new LabelTerms();
        for (int i = 0; i < 1_000; i++) {
            terms.add(i % 2 == 0 ? "a" : "b", Set.of("the", "word" + i % 7));
        }

        assertThat(terms.top()).allSatisfy(label -> assertThat(label.terms()).isEmpty());
    }

    @Test
    void lengthsAreSuggestedThatLoseLessThanOnePercent() {
        int[] lengths = new int[1_000];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = i < 990 ? 10 : 20;
        }

        assertThat(TokenStatistics.suggested(lengths, 512)).isEqualTo(16); // 8 would lose 2,000 of 10,100
        assertThat(TokenStatistics.suggested(lengths, 8)).isNull();
        assertThat(TokenStatistics.suggested(new int[] {100, 100}, 512)).isEqualTo(104);
        assertThat(TokenStatistics.suggested(new int[0], 512)).isEqualTo(8);
    }
}
