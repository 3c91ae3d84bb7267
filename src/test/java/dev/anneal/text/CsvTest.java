package dev.anneal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {
    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+1", "-1", "@x", "\tx"})
    void aSpreadsheetDoesNotComputeATextOfAUser(String text) {
        assertThat(Csv.text(text)).isEqualTo("'" + text);
        assertThat(Csv.field(text)).isEqualTo(text);
    }

    @Test
    void otherTextsAreUnchanged() {
        assertThat(Csv.text("1=1")).isEqualTo("1=1");
        assertThat(Csv.text("=\"a\",b")).isEqualTo("\"'=\"\"a\"\",b\"");
        assertThat(Csv.text("")).isEmpty();
        assertThat(Csv.text(null)).isEmpty();
    }
}
