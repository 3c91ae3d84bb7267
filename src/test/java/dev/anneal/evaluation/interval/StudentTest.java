package dev.anneal.evaluation.interval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StudentTest {
    /** The figures are those of scipy.stats.t. */
    @ParameterizedTest
    @CsvSource({
        "3, 3.182446, 0.01",
        "5, 2.570582, 2e-3",
        "10, 2.228139, 1e-4",
        "30, 2.042272, 1e-5",
        "199, 1.971957, 1e-6"
    })
    void theQuantileIsThatOfScipy(double degrees, double wanted, double error) {
        assertThat(Student.quantile(Normal.quantile(0.975), degrees) / wanted).isCloseTo(1, within(error));
    }
}
