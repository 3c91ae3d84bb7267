package dev.anneal.job.figure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A writer of TensorBoard's event files: records of TensorFlow's TFRecord format (tensorflow/core/lib/io/record_writer.h), each with one
 * message {@code Event} (tensorflow/core/util/event.proto). It has the few fields that scalars need.
 */
final class EventFile {
    private static final String VERSION = "brain.Event:2";
    private static final int MASK_DELTA = 0xa282ead8;

    // Types of protobuf fields.
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int FOUR_BYTES = 5;

    private final OutputStream out;

    EventFile(OutputStream out) {
        this.out = out;
    }

    /** Writes the event that a file begins with. */
    void begin(Instant time) throws IOException {
        Message event = event(time);
        event.text(3, VERSION); // file_version
        write(event);
    }

    /** Writes the scalars of a step. */
    void scalars(Instant time, long step, Map<String, Double> values) throws IOException {
        Message summary = new Message();
        values.forEach((tag, value) -> {
            Message scalar = new Message();
            scalar.text(1, tag); // tag
            scalar.key(2, FOUR_BYTES).bytes(buffer(4).putFloat(value.floatValue())); // simple_value
            summary.message(1, scalar); // value
        });
        Message event = event(time);
        event.key(2, VARINT).varint(step); // step
        event.message(5, summary); // summary
        write(event);
    }

    private static Message event(Instant time) {
        Message event = new Message();
        event.key(1, EIGHT_BYTES).bytes(buffer(8).putDouble(time.toEpochMilli() / 1000.0)); // wall_time
        return event;
    }

    private void write(Message event) throws IOException {
        byte[] data = event.out.toByteArray();
        byte[] length = buffer(8).putLong(data.length).array();
        out.write(length);
        out.write(buffer(4).putInt(maskedChecksum(length)).array());
        out.write(data);
        out.write(buffer(4).putInt(maskedChecksum(data)).array());
    }

    private static int maskedChecksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A protobuf message that is written field by field. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message key(int field, int type) {
            return varint((long) field << 3 | type);
        }

        Message varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
            return this;
        }

        void bytes(ByteBuffer buffer) {
            out.writeBytes(buffer.array());
        }

        void text(int field, String text) {
            sized(field, text.getBytes(StandardCharsets.UTF_8));
        }

        void message(int field, Message message) {
            sized(field, message.out.toByteArray());
        }

        private void sized(int field, byte[] content) {
            key(field, LENGTH).varint(content.length);
            out.writeBytes(content);
        }
    }
}
