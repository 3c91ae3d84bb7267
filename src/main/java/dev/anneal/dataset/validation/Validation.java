package dev.anneal.dataset.validation;

import dev.anneal.dataset.file.UploadedFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at validating a dataset, shared by its thread, the heartbeat, and the requests that wait for the result.
 *
 * <p>A request that waits gets the refusal of a file as an answer, and the dataset is removed. If the client was told that the
 * dataset is being validated, or nobody waits, the dataset is rejected instead. {@link #refuse} and {@link #await} decide together
 * which of the two happens.
 */
public final class Validation {
    /** Files that are being fetched from their source. */
    public interface Fetch {
        void stop();

        long readBytes();

        /** Returns null as long as the size is not known. */
        @Nullable
        Long totalBytes();
    }

    /** Thrown when a validation has to stop: the dataset was deleted, the lease was lost, or the server shuts down. */
    public static final class Stopped extends RuntimeException {}

    private final String dataset;
    private final int attempt;
    private volatile Received received;
    private volatile List<Path> files;
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private boolean acknowledged;
    private boolean refused;
    private int waiting;
    private volatile long readBytes;
    private volatile long rowCount;
    private volatile boolean stopped;
    private volatile @Nullable Fetch fetch;

    /**
     * @param acknowledged whether the client may know that the dataset is being validated. Otherwise its request waits
     */
    public Validation(String dataset, int attempt, Received received, List<Path> files, boolean acknowledged) {
        this.dataset = dataset;
        this.attempt = attempt;
        this.received = received;
        this.files = List.copyOf(files);
        this.acknowledged = acknowledged;
        this.waiting = acknowledged ? 0 : 1;
    }

    public String dataset() {
        return dataset;
    }

    public int attempt() {
        return attempt;
    }

    public Received received() {
        return received;
    }

    /** Says where the files are now. */
    void kept(List<Path> paths) {
        files = List.copyOf(paths);
    }

    /** Returns the files. Reading them counts as progress. */
    public List<UploadedFile> files() {
        return IntStream.range(0, files.size())
                .mapToObj(i -> new UploadedFile(
                        received.files().get(i).name(), received.files().get(i).split(), () -> open(files.get(i))))
                .toList();
    }

    private InputStream open(Path file) throws IOException {
        return new FilterInputStream(Files.newInputStream(file)) {
            @Override
            public int read() throws IOException {
                int b = super.read();
                count(b < 0 ? 0 : 1);
                return b;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int n = super.read(bytes, from, length);
                count(Math.max(n, 0));
                return n;
            }
        };
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // only the thread of the validation writes
    private void count(int bytes) {
        check();
        readBytes += bytes;
    }

    /** Counts a row. Throws {@link Stopped} if the validation has to stop. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void row() {
        rowCount++;
        if (rowCount % 64 == 0) {
            check();
        }
    }

    public void check() {
        if (stopped) {
            throw new Stopped();
        }
    }

    void stop() {
        stopped = true;
        Fetch running = fetch;
        if (running != null) {
            running.stop();
        }
    }

    /** Says how the files are fetched, so that this can be stopped, and counts as progress. */
    public void fetching(Fetch running) {
        fetch = running;
        if (stopped) {
            running.stop();
        }
    }

    /** Takes the files that were fetched. */
    public void fetched(Received now, List<Path> paths) {
        files = List.copyOf(paths);
        received = now;
        fetch = null;
    }

    Progress progress() {
        Fetch running = fetch;
        if (running != null) {
            return new Progress(Progress.Phase.fetching, running.readBytes(), running.totalBytes(), 0);
        }
        if (received.isUnfetched()) {
            return Progress.begin(received);
        }
        return new Progress(
                Progress.Phase.checking, Math.min(readBytes, received.sizeBytes()), received.totalBytes(), rowCount);
    }

    /** Waits as another request does that repeats the first. */
    public synchronized Validation join() {
        waiting++;
        return this;
    }

    /**
     * Waits for the end. Returns false if it does not come in time: then the client gets an answer meanwhile. Throws the reason if
     * the file is refused.
     */
    public boolean await(Duration time) {
        try {
            end.get(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return !leave() && await(Duration.ofMinutes(1)); // a refusal is on its way
        } catch (InterruptedException stopping) {
            leave();
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException refusal) {
            throw refusal.getCause() instanceof RuntimeException reason
                    ? reason
                    : new IllegalStateException(refusal.getCause());
        }
    }

    /** Returns false if the file was refused just now, so that the client must get that answer. */
    private synchronized boolean leave() {
        waiting--;
        acknowledged |= !refused;
        return !refused;
    }

    /** Returns true if a request waits that can tell the client why the file is refused, and will. */
    synchronized boolean refuse() {
        refused = waiting > 0 && !acknowledged;
        return refused;
    }

    /** Ends the validation, with a reason if a waiting request must tell it. */
    void end(@Nullable Throwable refusal) {
        if (refusal == null) {
            end.complete(null);
        } else {
            end.completeExceptionally(refusal);
        }
    }
}
