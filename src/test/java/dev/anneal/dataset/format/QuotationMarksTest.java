package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.dataset.unpack.Encoding;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotationMarksTest {
    @ParameterizedTest
    @CsvSource({"en-US", "de-DE", "fr-FR", "hi-IN", "ar-EG", "ar-EG-u-nu-arab"})
    void aQuotationMarkThatIsWrongIsNamedByItsLineInAnyLocale(String locale) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(locale));
        try {
            UnreadableRow opened = fault("\"never closed,a\nb,c\n");
            UnreadableRow closed = fault("\"closed\" too early,a\nb,c\n");

            assertThat(opened.line()).isEqualTo(12_345);
            assertThat(opened).hasMessageContaining("opened but not closed");
            assertThat(closed.line()).isEqualTo(12_345);
            assertThat(closed).hasMessageContaining("Text follows a closing");
        } finally {
            Locale.setDefault(before);
        }
    }

    private static UnreadableRow fault(String end) {
        byte[] file = ("t,l\n" + "a,b\n".repeat(12_343) + end).getBytes(StandardCharsets.UTF_8);
        return catchThrowableOfType(UnreadableRow.class, () -> {
            try (RowReader rows = FileFormat.csv.open(
                    new ByteArrayInputStream(file), Encoding.UTF_8, new Layout(",", true), 1_000_000)) {
                while (rows.next() != null) {
                    // until the fault
                }
            }
        });
    }
}
