package dev.anneal.security;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.RequestEntity;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestTemplate;

/**
 * Calls the issuer of tokens. One that does not answer holds no request for long, and its keys are fetched at most once in a
 * while, however many tokens come that name a key which it has not.
 */
final class IssuerHttp extends RestTemplate {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(10);

    private @Nullable ResponseEntity<String> keys;
    private @Nullable RestClientException failure;
    private long fetched;

    IssuerHttp() {
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(
                HttpClient.newBuilder().connectTimeout(PATIENCE).build());
        factory.setReadTimeout(PATIENCE);
        setRequestFactory(factory);
    }

    /** The keys; all else that a decoder asks for, it asks for once, and not as text. */
    @Override
    @SuppressWarnings("unchecked")
    public synchronized <T> ResponseEntity<T> exchange(RequestEntity<?> request, Class<T> type) {
        if (type != String.class) {
            return super.exchange(request, type);
        }
        if (keys == null && failure == null || System.nanoTime() - fetched > BETWEEN_FETCHES.toNanos()) {
            fetch(request);
        }
        if (failure != null) {
            throw failure;
        }
        return (ResponseEntity<T>) Objects.requireNonNull(keys);
    }

    private void fetch(RequestEntity<?> request) {
        failure = null;
        try {
            keys = super.exchange(request, String.class);
        } catch (RestClientException unreachable) {
            failure = unreachable;
        }
        fetched = System.nanoTime();
    }
}
