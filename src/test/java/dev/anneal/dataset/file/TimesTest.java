package dev.anneal.dataset.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2024-05-31                      | 2024-05-31T00:00:00Z
            2024/5/3                        | 2024-05-03T00:00:00Z
            2024-05                         | 2024-05-01T00:00:00Z
            2024                            | 2024-01-01T00:00:00Z
            20240531                        | 2024-05-31T00:00:00Z
            2024-05-31T09:30                | 2024-05-31T09:30:00Z
            2024-05-31 09:30:15             | 2024-05-31T09:30:15Z
            2024-05-31T09:30:15.25Z         | 2024-05-31T09:30:15.250Z
            2024-05-31T09:30:15+02:00       | 2024-05-31T07:30:15Z
            2024-05-31T09:30:15 -0530       | 2024-05-31T15:00:15Z
            2024-05-31 09:30:15 UTC         | 2024-05-31T09:30:15Z
            Fri, 31 May 2024 09:30:15 GMT   | 2024-05-31T09:30:15Z
            1717147815                      | 2024-05-31T09:30:15Z
            1717147815.5                    | 2024-05-31T09:30:15.500Z
            1717147815250                   | 2024-05-31T09:30:15.250Z
            1717147815250125                | 2024-05-31T09:30:15.250125Z
            1717147815250125999             | 2024-05-31T09:30:15.250125Z
            1.717147815E9                   | 2024-05-31T09:30:15Z
            0001-01-01                      | 0001-01-01T00:00:00Z
            """)
    void datesAreReadInUtc(String text, String time) {
        assertThat(Times.read(text, false)).isEqualTo(time);
    }

    @Test
    void aNumberOfDaysIsCountedAsExcelDoes() {
        assertThat(Times.read("45443.5", true)).isEqualTo("2024-05-31T12:00:00Z");
        assertThat(Times.read("45443", false)).isNull();
    }

    @Test
    void microsecondsAreThoseOfTheTime() {
        assertThat(Times.micros("1970-01-01T00:00:01.000002Z")).isEqualTo(1_000_002);
        assertThat(Times.micros("1969-12-31T23:59:59Z")).isEqualTo(-1_000_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "31.05.2024",
                "05/06/2024",
                "2024-13-01",
                "2024-02-30",
                "2024-05/31",
                "24-05-31",
                "2024-05-31T25:00",
                "2024-05-31T09:30+99:00",
                "yesterday",
                "12",
                "123456",
                "1e99",
                "99999999999999999999",
                "-",
                "2024-05-31T09:30:15Z and more than anyone would write in a column of times, or so one hopes"
            })
    void whatCouldBeReadInSeveralWaysOrIsNoTimeIsNotRead(String text) {
        assertThat(Times.read(text, true)).isNull();
    }
}
