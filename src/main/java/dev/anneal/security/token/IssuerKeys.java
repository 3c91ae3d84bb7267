package dev.anneal.security.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the token issuer, kept for five minutes. One thread at a time fetches them. Meanwhile, and for an hour if the issuer is
 * unavailable, tokens with a known key are checked with the last copy, without a wait. A token with an unknown key fetches the keys, or
 * waits for the thread that does, because the key may be new. Anybody can send such a token, so the keys are fetched at most twice in
 * twenty seconds, and only a few threads wait.
 */
final class IssuerKeys implements JWKSource<SecurityContext> {
    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
    private static final long KEEP = Duration.ofMinutes(5).toNanos();
    private static final long LONGEST = Duration.ofHours(1).toNanos();
    private static final long INTERVAL = Duration.ofSeconds(20).toNanos();
    private static final int FETCHES = 2;

    /** @param time at which they were fetched, by the clock */
    private record Copy(JWKSet keys, long time) {}

    private final String issuer;
    private final Semaphore waiting;
    private final LongSupplier clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile @Nullable Copy last;

    /** The number of fetches, with those that failed. */
    private volatile int tries;

    private long interval;
    private int triesInInterval;

    /**
     * @param waiting the number of threads that may wait for an answer of the issuer
     * @param clock in nanoseconds
     */
    IssuerKeys(String issuer, int waiting, LongSupplier clock) {
        this.issuer = issuer;
        this.waiting = new Semaphore(waiting);
        this.clock = clock;
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        int seen = tries;
        Copy known = usable();
        List<JWK> found = known == null ? List.of() : selector.select(known.keys());
        if (known != null && !found.isEmpty()) {
            return age(known) < KEEP ? found : selector.select(refreshed(known).keys());
        }
        if (!waiting.tryAcquire()) {
            throw new KeySourceException("too many requests wait for the keys of the issuer");
        }
        try {
            return selector.select(awaited(seen).keys());
        } finally {
            waiting.release();
        }
    }

    /** Fetches the keys if no other thread does. */
    private Copy refreshed(Copy known) {
        if (!fetching.tryLock()) {
            return known;
        }
        try {
            if (last == known) {
                fetch();
            }
            Copy current = usable();
            return current == null ? known : current;
        } finally {
            fetching.unlock();
        }
    }

    /** Fetches the keys, unless a thread has done so since the number of tries was read. */
    private Copy awaited(int seen) throws KeySourceException {
        fetching.lock();
        try {
            if (tries == seen) {
                fetch();
            }
        } finally {
            fetching.unlock();
        }
        Copy current = usable();
        if (current == null) {
            throw new KeySourceException("the keys of the issuer could not be fetched");
        }
        return current;
    }

    private @Nullable Copy usable() {
        Copy copy = last;
        return copy == null || age(copy) >= LONGEST ? null : copy;
    }

    private long age(Copy copy) {
        return clock.getAsLong() - copy.time();
    }

    /** Fetches the keys, unless that was tried too often of late. The caller has the lock. */
    private void fetch() {
        long now = clock.getAsLong();
        if (triesInInterval == 0 || now - interval >= INTERVAL) {
            interval = now;
            triesInInterval = 0;
        }
        if (triesInInterval == FETCHES) {
            return;
        }
        triesInInterval++;
        try {
            last = new Copy(
                    JWKSet.parse(IssuerCalls.get(IssuerCalls.address(IssuerCalls.metadata(issuer), "jwks_uri"))), now);
        } catch (IOException | ParseException | RuntimeException e) {
            log.error("cannot fetch the keys of the issuer {}: {}", issuer, e.toString());
        } finally {
            tries++;
        }
    }
}
