package dev.anneal.job.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.job.queue.QueueForecast.Slot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The time at which a queued job may start. */
class QueueForecastTest {
    private static final Slot FREE = new Slot(null, false, null);
    private static final Slot SMALL = new Slot(10L, true, 30.0);

    @Test
    void aFreeSlotTakesTheFirstJobAtOnceAndTheNextAfterOneHasBeenRun() {
        QueueForecast forecast = new QueueForecast(List.of(FREE), 60.0);

        assertThat(forecast.seconds(1)).isZero();
        assertThat(forecast.seconds(2)).isEqualTo(60);
        assertThat(forecast.seconds(11)).isEqualTo(600);
    }

    @Test
    void slotsTakeTurnsInTheOrderInWhichTheyComeFree() {
        QueueForecast forecast =
                new QueueForecast(List.of(SMALL, new Slot(null, true, 5.0), new Slot(null, true, null)), 60.0);

        assertThat(forecast.seconds(1)).isEqualTo(5);
        assertThat(forecast.seconds(2)).isEqualTo(30);
        assertThat(forecast.seconds(3)).isEqualTo(60);
        assertThat(forecast.seconds(4)).isEqualTo(65);
    }

    @Test
    void beforeAnyJobHasEndedTheForecastUsesRunningJobsOnly() {
        QueueForecast forecast = new QueueForecast(List.of(SMALL), null);

        assertThat(forecast.seconds(1)).isEqualTo(30);
        assertThat(forecast.seconds(2)).isNull();
    }

    @Test
    void slotsThatAreTooSmallDoNotCount() {
        QueueForecast forecast = new QueueForecast(List.of(SMALL), 60.0);

        assertThat(forecast.forMemory(11L).slots()).isEmpty();
        assertThat(forecast.forMemory(10L).seconds(1)).isEqualTo(30);
        assertThat(forecast.forMemory(null).slots()).hasSize(1);
    }
}
