package dev.anneal.transformer.weights;

import dev.anneal.json.Json;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.BoundedJson;
import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads and writes files of the <a href="https://github.com/huggingface/safetensors">safetensors</a> format: the length of
 * the header (8 bytes, little-endian), the header as JSON, then the bytes of the tensors. Tensors are mapped into memory
 * one by one; no file is read onto the heap.
 */
public final class Safetensors {
    private static final long MAX_HEADER_BYTES = 16 << 20;
    private static final int MAX_DIMENSIONS = 8;

    private Safetensors() {}

    /** Returns the tensors of a file by name; throws a {@link ModelException} if the file is truncated or corrupt. */
    public static SortedMap<String, StoredTensor> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            long headerBytes = channel.size() < 8 ? -1 : little(channel, 0, 8).getLong();
            if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, channel.size() - 8)) {
                throw new ModelException(file.getFileName() + " is not a safetensors file, or it is truncated");
            }
            JsonNode header = BoundedJson.read(
                    "The header of " + file.getFileName(),
                    little(channel, 8, headerBytes).array());
            SortedMap<String, StoredTensor> tensors = new TreeMap<>();
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (!entry.getKey().equals("__metadata__")) {
                    tensors.put(entry.getKey(), tensor(file, entry.getKey(), entry.getValue(), 8 + headerBytes));
                }
            }
            return tensors;
        } catch (JacksonException e) {
            throw new ModelException(file.getFileName() + " has a corrupt header", e);
        } catch (IOException e) {
            throw new ModelException(file.getFileName() + " cannot be read", e);
        }
    }

    private static StoredTensor tensor(Path file, String name, JsonNode entry, long dataStart) throws IOException {
        String header = file.getFileName() + ": tensor " + Visible.quote(name) + ": ";
        long[] shape = integers(header + "'shape'", entry.path("shape"));
        long[] offsets = integers(header + "'data_offsets'", entry.path("data_offsets"));
        if (offsets.length != 2 || offsets[1] < offsets[0]) {
            throw new ModelException(header + "'data_offsets' must be the first byte and the end");
        }
        long from = offsets[0];
        long to = offsets[1];
        StoredTensor tensor = new StoredTensor(
                entry.path("dtype").asString(""), shape, () -> map(file, name, dataStart + from, to - from));
        if (!StoredTensor.isKnown(tensor.dtype())) {
            throw new ModelException(header + "the type '" + Visible.quote(tensor.dtype()) + "' is not known");
        }
        if (to - from != sizeOrNone(tensor)) {
            throw new ModelException(
                    file.getFileName() + ": the header gives a wrong size for tensor " + Visible.quote(name));
        }
        long dataBytes = Files.size(file) - dataStart;
        if (to > dataBytes) {
            throw new ModelException(file.getFileName() + " is truncated: tensor " + Visible.quote(name)
                    + " ends at byte " + to + " of the data, which has only " + dataBytes + " bytes");
        }
        return tensor;
    }

    private static long[] integers(String what, JsonNode numbers) {
        boolean valid = numbers.isArray() && numbers.size() <= MAX_DIMENSIONS;
        long[] integers = new long[valid ? numbers.size() : 0];
        for (int i = 0; i < integers.length; i++) {
            valid = valid
                    && numbers.path(i).isIntegralNumber()
                    && numbers.path(i).canConvertToLong();
            integers[i] = valid ? numbers.path(i).asLong() : -1;
            valid = valid && integers[i] >= 0;
        }
        if (!valid) {
            throw new ModelException(what + " must be a list of at most " + MAX_DIMENSIONS + " integers from 0");
        }
        return integers;
    }

    private static long sizeOrNone(StoredTensor tensor) {
        try {
            return tensor.size();
        } catch (ArithmeticException e) {
            return -1;
        }
    }

    private static ByteBuffer map(Path file, String name, long from, long size) {
        if (size > Integer.MAX_VALUE) {
            throw new ModelException(
                    file.getFileName() + ": tensor " + name + " is larger than the 2 GiB that are supported");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(MapMode.READ_ONLY, from, size).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer little(FileChannel channel, long from, long size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
        return bytes.flip();
    }

    /** Writes tensors sorted by name, so that equal weights give equal files. The file is complete or absent. */
    public static void write(Path file, SortedMap<String, StoredTensor> tensors) throws IOException {
        write(file, tensors, true);
    }

    /** Does the same; forces the file to disk only if {@code force} is true. */
    public static void write(Path file, SortedMap<String, StoredTensor> tensors, boolean force) throws IOException {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("__metadata__", Map.of("format", "pt"));
        long end = 0;
        for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
            StoredTensor tensor = entry.getValue();
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("dtype", tensor.dtype());
            fields.put("shape", tensor.shape());
            fields.put("data_offsets", new long[] {end, end += tensor.size()});
            header.put(entry.getKey(), fields);
        }
        byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer start = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(padded).put(json).put(" ".repeat(padded - json.length).getBytes(StandardCharsets.UTF_8));

        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, start.flip());
            for (StoredTensor tensor : tensors.values()) {
                writeFully(channel, tensor.bytes().get());
            }
            if (force) {
                channel.force(true);
            }
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
