package dev.anneal.host;

import dev.anneal.host.message.HostAnswer;
import dev.anneal.json.Json;
import java.io.ByteArrayOutputStream;

/** The line of an answer. Of one that is too long, the end is missing. */
final class AnswerBytes extends ByteArrayOutputStream {
    private boolean isTooLong;

    static AnswerBytes of(HostAnswer answer) {
        AnswerBytes bytes = new AnswerBytes();
        Json.MAPPER.writeValue(bytes, answer);
        return bytes;
    }

    boolean isTooLong() {
        return isTooLong;
    }

    @Override
    public synchronized void write(int next) {
        write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] next, int from, int length) {
        isTooLong |= count + length > HostAnswer.MAX_BYTES;
        if (!isTooLong) {
            super.write(next, from, length);
        }
    }
}
