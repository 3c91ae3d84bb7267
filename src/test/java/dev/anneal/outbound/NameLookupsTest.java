package dev.anneal.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names whose name server does not answer. */
class NameLookupsTest {
    private final SlowNames slow = new SlowNames();

    @AfterEach
    void end() {
        slow.answer();
    }

    @Test
    void aNameThatIsNotFoundInTimeIsGivenUp() {
        NameLookups names = lookups(8, 8);

        assertThatThrownBy(() -> names.resolve("slow.example"))
                .isExactlyInstanceOf(UnknownHostException.class)
                .hasMessageContaining("'slow.example' was not found within");
    }

    @Test
    void thoseWhoWantTheSameNameWaitForOneLookup() throws UnknownHostException {
        NameLookups names = lookups(1, 8);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> names.resolve("slow.example")).isNotInstanceOf(TooManyLookups.class);
        }
        assertThat(slow.asked()).isEqualTo(1);

        slow.answer();
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(names.resolve("slow.example")).containsExactly(InetAddress.getByName("1.1.1.1")));
    }

    @Test
    void aProjectThatWaitsForManyNamesWaitsForNoMoreAndOthersAreNotDisturbed() throws UnknownHostException {
        NameLookups names = lookups(8, 2);
        for (String host : new String[] {"slow-1.example", "slow-2.example"}) {
            assertThatThrownBy(() -> names.resolve(host, "a")).isNotInstanceOf(TooManyLookups.class);
        }

        assertThatThrownBy(() -> names.resolve("good.example", "a")).isInstanceOf(TooManyLookups.class);
        assertThat(names.resolve("good.example", "b")).hasSize(1);
        assertThat(names.resolve("1.1.1.1", "a")).hasSize(1);
        slow.answer();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(names.resolve("good.example", "a")).hasSize(1));
    }

    @Test
    void lookupsHaveFewThreads() {
        NameLookups names = lookups(2, 8);
        for (String host : new String[] {"slow-1.example", "slow-2.example"}) {
            assertThatThrownBy(() -> names.resolve(host)).isNotInstanceOf(TooManyLookups.class);
        }

        assertThatThrownBy(() -> names.resolve("good.example")).isInstanceOf(TooManyLookups.class);
    }

    private NameLookups lookups(int threads, int perProject) {
        return new NameLookups(slow, Duration.ofMillis(100), threads, perProject);
    }
}
