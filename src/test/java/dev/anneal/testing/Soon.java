package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * Asserts that a server answers soon while many clients hold it up. A server that has no thread left answers no attempt in time; a
 * pause for collecting garbage delays one. So the fastest of three attempts counts.
 */
public final class Soon {
    private static final int ATTEMPTS = 3;

    private Soon() {}

    /** A call that fails if its answer is wrong. */
    public interface Call {
        void run() throws Exception;
    }

    /** Asserts that the server on a port is ready, and says so within a second. */
    public static void assertHealth(int port) throws Exception {
        assertWithin(Duration.ofSeconds(1), () -> assertThat(health(port)).isEqualTo(200));
    }

    private static int health(int port) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** Asserts that a call takes less than a time. */
    public static void assertWithin(Duration limit, Call call) throws Exception {
        Duration fastest = limit;
        for (int i = 0; i < ATTEMPTS && fastest.compareTo(limit) >= 0; i++) {
            long begin = System.nanoTime();
            call.run();
            fastest = Duration.ofNanos(System.nanoTime() - begin);
        }
        assertThat(fastest).isLessThan(limit);
    }
}
