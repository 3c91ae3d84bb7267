package dev.anneal.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks up names in separate threads, because the system may wait a minute for a name server, and nothing can interrupt it.
 * Those who want the same name wait for one lookup.
 */
final class NameLookups implements DnsResolver {
    private final DnsResolver names;
    private final Duration patience;
    private final int maxPerProject;
    private final ExecutorService threads;
    private final Map<String, CompletableFuture<InetAddress[]>> running = new HashMap<>();
    private final Map<String, Integer> perProject = new HashMap<>();

    /**
     * @param patience how long a caller waits for a name
     * @param maxThreads lookups at once
     * @param maxPerProject running lookups of names that one project asked for
     */
    NameLookups(DnsResolver names, Duration patience, int maxThreads, int maxPerProject) {
        this.names = names;
        this.patience = patience;
        this.maxPerProject = maxPerProject;
        this.threads = new ThreadPoolExecutor(0, maxThreads, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "name-lookup");
            thread.setDaemon(true); // a lookup that hangs must not keep the process alive
            return thread;
        });
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        return OutboundSettings.isLiteral(host) ? names.resolve(host) : await(host, lookup(host));
    }

    /** Does the same for a request of a project. Throws a {@link TooManyLookups} if the project waits for too many names. */
    InetAddress[] resolve(String host, String project) throws UnknownHostException {
        if (OutboundSettings.isLiteral(host)) {
            return names.resolve(host);
        }
        CompletableFuture<InetAddress[]> lookup;
        synchronized (this) {
            if (perProject.getOrDefault(project, 0) >= maxPerProject) {
                throw new TooManyLookups();
            }
            lookup = lookup(host);
            perProject.merge(project, 1, Integer::sum);
        }
        lookup.whenComplete((addresses, failure) -> ended(project));
        return await(host, lookup);
    }

    private synchronized void ended(String project) {
        perProject.computeIfPresent(project, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }

    private synchronized CompletableFuture<InetAddress[]> lookup(String host) throws UnknownHostException {
        CompletableFuture<InetAddress[]> there = running.get(host);
        if (there != null) {
            return there;
        }
        CompletableFuture<InetAddress[]> lookup = new CompletableFuture<>();
        try {
            threads.execute(() -> look(host, lookup));
        } catch (RejectedExecutionException allBusy) {
            throw new TooManyLookups();
        }
        running.put(host, lookup);
        return lookup;
    }

    private void look(String host, CompletableFuture<InetAddress[]> lookup) {
        InetAddress[] addresses = null;
        Exception failure = new UnknownHostException(host);
        try {
            addresses = names.resolve(host);
        } catch (UnknownHostException | RuntimeException e) {
            failure = e;
        } finally {
            synchronized (this) {
                running.remove(host);
            }
            if (addresses == null) {
                lookup.completeExceptionally(failure);
            } else {
                lookup.complete(addresses);
            }
        }
    }

    private InetAddress[] await(String host, CompletableFuture<InetAddress[]> lookup) throws UnknownHostException {
        try {
            return lookup.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new UnknownHostException("'" + host + "' was not found within " + patience.toSeconds() + " seconds");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException unknown) {
                throw unknown;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException("the lookup of '" + host + "' was interrupted");
        }
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
