package dev.anneal.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as people read them, and the nesting of elements. */
class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0.000",
        "0.93456, 0.935",
        "-0.5, −0.500",
        "12.345, 12.35",
        "123.45, 123.5",
        "12345.6, '12,346'",
        "0.0001, 1.00e-04",
        "1234567, 1.23e+06"
    })
    void aFigureHasAboutFourDigits(double number, String text) {
        assertThat(Numbers.decimal(number)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"3, 3", "0.01, 0.01", "0.00005, 5e-5", "0.00015, 1.5e-4", "-1, −1", "0.1, 0.1", "100000, 100000"})
    void aSettingIsShownAsItWasGiven(double number, String text) {
        assertThat(Numbers.plain(number)).isEqualTo(text);
    }

    @Test
    void aPageWithAnOpenElementIsAFault() {
        assertThatThrownBy(() -> new Html().open("p").page()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new Html().open("p").close("div")).isInstanceOf(IllegalStateException.class);
    }
}
