package dev.anneal.security.token;

import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The issuer's metadata. One thread at a time fetches it; meanwhile, and while the issuer is unavailable, the last copy is used. */
final class IssuerMetadata {
    private static final Logger log = LoggerFactory.getLogger(IssuerMetadata.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    private final String issuer;
    private final Duration keep;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile @Nullable Map<String, Object> last;
    private volatile long next = System.nanoTime();

    /** @param keep a copy is used for this time before the issuer is asked again */
    IssuerMetadata(String issuer, Duration keep) {
        this.issuer = issuer;
        this.keep = keep;
    }

    /** Returns the address of that name in the metadata. */
    String address(String name) throws IOException, ParseException {
        return IssuerCalls.address(fields(), name);
    }

    private Map<String, Object> fields() throws IOException, ParseException {
        Map<String, Object> known = last;
        if (known != null && (isCurrent() || !fetching.tryLock())) {
            return known;
        }
        if (known == null) {
            fetching.lock();
        }
        try {
            return isCurrent() ? lastOrFailed() : fetch();
        } finally {
            fetching.unlock();
        }
    }

    private boolean isCurrent() {
        return next - System.nanoTime() > 0;
    }

    private Map<String, Object> lastOrFailed() throws IOException {
        Map<String, Object> known = last;
        if (known == null) {
            throw new IOException("its openid-configuration could not be fetched a moment ago");
        }
        return known;
    }

    private Map<String, Object> fetch() throws IOException, ParseException {
        try {
            Map<String, Object> fetched = IssuerCalls.metadata(issuer);
            last = fetched;
            next = System.nanoTime() + keep.toNanos();
            return fetched;
        } catch (IOException | ParseException | RuntimeException failed) {
            next = System.nanoTime() + AFTER_FAILURE.toNanos();
            Map<String, Object> known = last;
            if (known == null) {
                throw failed;
            }
            log.warn("cannot fetch the openid-configuration of the issuer {}: {}", issuer, failed.toString());
            return known;
        }
    }
}
