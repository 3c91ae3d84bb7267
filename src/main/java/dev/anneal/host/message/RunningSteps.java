package dev.anneal.host.message;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The calls whose steps a model host computes now, in a file that the host and the server have in memory. So the server knows
 * which calls a host worked on when it ended, however it ended, and a step costs no message.
 */
public final class RunningSteps {
    /** Stands for all calls: the model is being loaded. */
    public static final long LOADING = 0;

    /** The most steps at once; further ones are not recorded. */
    private static final int PLACES = 128;

    /** The most calls that are recorded of a step. */
    private static final int CALLS = 31;

    /** Each place begins with the number of its calls. */
    private static final int SIZE = CALLS + 1;

    private final LongBuffer file;
    private final boolean[] taken = new boolean[PLACES];

    private RunningSteps(LongBuffer file) {
        this.file = file;
    }

    /** Opens the file, which is created if there is none. */
    public static RunningSteps open(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new RunningSteps(channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) PLACES * SIZE * Long.BYTES)
                    .asLongBuffer());
        }
    }

    /** Records that a step begins, and returns its place. */
    public int begin(long... calls) {
        int place = take();
        if (place < PLACES) {
            int count = Math.min(calls.length, CALLS);
            for (int i = 0; i < count; i++) {
                file.put(place * SIZE + 1 + i, calls[i]);
            }
            VarHandle.releaseFence(); // the calls come before their number
            file.put(place * SIZE, count);
        }
        return place;
    }

    private synchronized int take() {
        int place = 0;
        while (place < PLACES && taken[place]) {
            place++;
        }
        if (place < PLACES) {
            taken[place] = true;
        }
        return place;
    }

    /** Records that the step in a place has ended. */
    public synchronized void end(int place) {
        if (place < PLACES) {
            file.put(place * SIZE, 0);
            taken[place] = false;
        }
    }

    /** Records that no step runs, not even one that another process began. */
    public synchronized void clear() {
        for (int place = 0; place < PLACES; place++) {
            file.put(place * SIZE, 0);
        }
        Arrays.fill(taken, false);
    }

    /** Returns the ids of the calls whose steps run. */
    public List<Long> calls() {
        return IntStream.range(0, PLACES)
                .boxed()
                .flatMap(place -> IntStream.rangeClosed(1, (int) Math.max(0, Math.min(CALLS, file.get(place * SIZE))))
                        .mapToObj(i -> file.get(place * SIZE + i)))
                .distinct()
                .toList();
    }
}
