package dev.anneal.dataset.duplicate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldingTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Positive      | positive
            ' very  good' | very good
            a\u00a0b      | A B
            Straße        | STRASSE
            ΟΔΟΣ          | οδος
            é             | e\u0301
            ｗｉｄｅ        | wide
            ﬁne           | fine
            """)
    void textsThatLookAlikeAreFoldedAlike(String one, String other) {
        assertThat(Folding.fold(one)).isEqualTo(Folding.fold(other));
    }

    @ParameterizedTest
    @CsvSource({"a,b", "not good,notgood", "C++,C", "e,é"})
    void textsThatDifferStayDifferent(String one, String other) {
        assertThat(Folding.fold(one)).isNotEqualTo(Folding.fold(other));
    }
}
