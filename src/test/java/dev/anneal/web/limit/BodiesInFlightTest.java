package dev.anneal.web.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.web.Problem;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.util.unit.DataSize;

class BodiesInFlightTest {
    @Test
    void aCallerHasSoManyBodiesOnTheWayAndOthersHaveTheirs() {
        BodiesInFlight bodies = bodies(2, 10);
        bodies.begin("a");
        bodies.begin("a");

        assertThatThrownBy(() -> bodies.begin("a")).isInstanceOf(Problem.class).hasMessageContaining("max-arriving");
        bodies.begin("b");
        bodies.end("a");
        bodies.begin("a");
    }

    @Test
    void someThreadsRemainForOtherRequests() {
        BodiesInFlight bodies = bodies(0, 10);
        for (int i = 0; i < 6; i++) {
            bodies.begin("caller " + i);
        }

        assertThatThrownBy(() -> bodies.begin("another")).isInstanceOf(Problem.class);
    }

    @Test
    void theBytesOfACallerAreLimitedUntilItsRequestsEnd() {
        BodiesInFlight bodies = bodies(2, 10);
        bodies.take("a", 700);
        bodies.take("b", 1000);

        Throwable refused = org.assertj.core.api.Assertions.catchThrowable(() -> bodies.take("a", 301));
        assertThat(refused).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo("too_many_bytes_in_flight");
            assertThat(problem.properties()).containsEntry("limit", 1000L);
        });
        bodies.giveBack("a", 301);
        bodies.giveBack("a", 700);
        bodies.take("a", 1000);
    }

    private static BodiesInFlight bodies(int maxArriving, int threads) {
        TomcatServerProperties tomcat = new TomcatServerProperties();
        tomcat.getThreads().setMax(threads);
        return new BodiesInFlight(
                new RequestSettings(
                        DataSize.ofMegabytes(1), Duration.ofSeconds(1), 1, maxArriving, DataSize.ofBytes(1000)),
                tomcat);
    }
}
