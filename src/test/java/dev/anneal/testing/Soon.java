package dev.anneal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * Asserts that a server answers soon while many clients hold it up. The server runs in the process of the tests, so its garbage, which
 * is mostly that of other tests, is collected before the time begins.
 */
public final class Soon {
    private Soon() {}

    /** A call that fails if its answer is wrong. */
    public interface Call {
        void run() throws Exception;
    }

    /** Collects the garbage of this process, so that no long collection begins soon after. */
    public static void prepare() {
        System.gc();
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
        long begin = System.nanoTime();
        call.run();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit);
    }
}
