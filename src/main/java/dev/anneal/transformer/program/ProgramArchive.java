package dev.anneal.transformer.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript archive of code without tensors, as {@code torch.jit.load} reads it: a zip of stored entries with the text
 * of the program and, pickled, one object of its class.
 */
final class ProgramArchive {
    /** The version of the operator schemas. */
    private static final String VERSION = "10\n";

    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private ProgramArchive() {}

    /** Returns an archive with an object of the program's class, {@code Gpt2Step} of {@code gpt2_step}, and its attributes. */
    static byte[] of(String program, Map<String, Object> settings, Map<String, String> files) {
        String className = Pattern.compile("(?:^|_)(\\w)")
                .matcher(program)
                .replaceAll(start -> start.group(1).toUpperCase(Locale.ROOT));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
            put(zip, "data.pkl", pickle("__torch__." + program, className, settings));
            put(zip, "constants.pkl", EMPTY_TUPLE);
            for (Map.Entry<String, String> file : files.entrySet()) {
                byte[] text = file.getValue().getBytes(StandardCharsets.UTF_8);
                put(zip, "code/__torch__/" + file.getKey() + ".py", text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry("program/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** Pickle protocol 2: {@code object = module.Class(); object.__dict__ = settings}. */
    private static byte[] pickle(String module, String className, Map<String, Object> settings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2, 'c'});
        out.writeBytes((module + "\n" + className + "\n").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        settings.forEach((name, value) -> {
            string(out, name);
            value(out, value);
        });
        out.writeBytes(new byte[] {'u', 'b', '.'});
        return out.toByteArray();
    }

    private static void value(ByteArrayOutputStream out, Object value) {
        if (value instanceof Integer integer) {
            out.write('J');
            out.writeBytes(little(integer));
        } else if (value instanceof Double number) {
            out.write('G');
            out.writeBytes(ByteBuffer.allocate(8).putDouble(number).array());
        } else if (value instanceof Boolean truth) {
            out.write(truth ? 0x88 : 0x89);
        } else {
            string(out, (String) value);
        }
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        out.writeBytes(little(bytes.length));
        out.writeBytes(bytes);
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }
}
