package dev.anneal.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.DnsResolver;

/** Names that all have the same public address. Those that begin with slow are found only after {@link #answer}. */
public final class SlowNames implements DnsResolver {
    private final CountDownLatch answers = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    /** Returns a guard that waits for a name only for a moment. */
    public OutboundGuard guard() {
        return new OutboundGuard(new OutboundSettings(List.of()), this, Duration.ofMillis(100));
    }

    public void answer() {
        answers.countDown();
    }

    /** Returns how many slow names were asked for. */
    public int asked() {
        return asked.get();
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        if (host.startsWith("slow")) {
            asked.incrementAndGet();
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new UnknownHostException(host);
            }
        }
        return new InetAddress[] {InetAddress.getByName("1.1.1.1")};
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
