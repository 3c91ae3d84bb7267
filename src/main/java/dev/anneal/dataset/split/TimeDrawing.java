package dev.anneal.dataset.split;

import dev.anneal.dataset.file.Times;
import dev.anneal.dataset.spool.SortedLongs;
import dev.anneal.dataset.spool.Spool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import tools.jackson.databind.node.ObjectNode;

/** Divides rows by their time: the latest are for test, those before for validation. Rows of one time keep their order. */
final class TimeDrawing implements Drawing {
    private static final int ENTRY = Integer.BYTES + Long.BYTES;
    /** Makes times before 1970 positive, which the sorter needs. */
    private static final long OFFSET = 1L << 62;

    private final SortedLongs sorted;
    private final Spool entries; // of each row: its number and its time
    private final byte[] entry = new byte[ENTRY];
    private int count;

    TimeDrawing(Path directory) {
        this.sorted = new SortedLongs(directory);
        this.entries = new Spool(directory);
    }

    @Override
    public void add(int number, ObjectNode content) throws IOException {
        long time = Times.micros(content.path("time").asString("")) + OFFSET;
        sorted.add(time);
        ByteBuffer.wrap(entry).putInt(number).putLong(time);
        entries.append(entry, ENTRY);
        count++;
    }

    /** The first row of a part: its time, and how many rows before it have the same time. */
    private static final class Border {
        private final long place;
        private long time = Long.MAX_VALUE;
        private long before;
        private long seen;

        Border(long place) {
            this.place = place;
        }

        /** Receives the times in order. */
        void find(long index, long value, long equalBefore) {
            if (index == place) {
                time = value;
                before = equalBefore;
            }
        }

        /** Returns whether a row is at the border or after it. Receives the rows in the order of their numbers. */
        boolean isAtOrAfter(long value) {
            return value > time || value == time && seen++ >= before;
        }
    }

    @Override
    public void draw(Shares shares, BitSet without, Visitor visitor) throws IOException {
        Border test = new Border(count - shares.tests(count));
        Border validation = new Border(count - shares.tests(count) - shares.validations(count));
        long[] state = {0, -1, 0}; // the place, the last time, how many rows have it
        sorted.forEach(time -> {
            state[2] = time == state[1] ? state[2] + 1 : 0;
            state[1] = time;
            test.find(state[0], time, state[2]);
            validation.find(state[0]++, time, state[2]);
        });
        for (int i = 0; i < count; i++) {
            entries.read((long) i * ENTRY, entry, ENTRY);
            ByteBuffer bytes = ByteBuffer.wrap(entry);
            int number = bytes.getInt();
            long time = bytes.getLong();
            boolean isTest = test.isAtOrAfter(time);
            boolean isValidation = validation.isAtOrAfter(time);
            visitor.visit(number, isTest ? Shares.TEST : isValidation ? Shares.VALIDATION : Shares.TRAIN);
        }
    }

    @Override
    public void close() throws IOException {
        sorted.close();
        entries.close();
    }
}
