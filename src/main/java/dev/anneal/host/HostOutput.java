package dev.anneal.host;

import dev.anneal.host.message.HostAnswer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes answers to the server, one JSON object a line. If the server no longer reads, this process ends. */
final class HostOutput {
    private final OutputStream out;

    HostOutput(OutputStream out) {
        this.out = out;
    }

    void write(HostAnswer answer) {
        write(AnswerBytes.of(answer));
    }

    void write(ByteArrayOutputStream line) {
        try {
            synchronized (this) {
                line.writeTo(out);
                out.write('\n');
                out.flush();
            }
        } catch (IOException serverEnded) {
            Runtime.getRuntime().halt(1);
        }
    }
}
