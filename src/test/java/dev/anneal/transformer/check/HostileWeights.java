package dev.anneal.transformer.check;

import static dev.anneal.transformer.check.HostileModels.file;

import dev.anneal.transformer.check.HostileModels.Case;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Weights with wrong headers and numbers. */
final class HostileWeights {
    private HostileWeights() {}

    /** Returns weights with wrong headers and numbers. */
    static Stream<Case> all() {
        return Stream.of(
                numbers("NaN", Float.NaN),
                numbers("Infinity", Float.POSITIVE_INFINITY),
                header("no header", text -> ""),
                header("not JSON", text -> text.replace('{', '[')),
                header("a list", text -> "[1]"),
                header("many objects", text -> "{\"a\": [" + "{},".repeat(400_000) + "{}]}"),
                header("deep", text -> "[".repeat(5000)),
                header(
                        "negative offset",
                        text -> text.replaceFirst("\"data_offsets\":\\s*\\[0", "\"data_offsets\":[-8")),
                header("huge offset", text -> text.replaceFirst("\"data_offsets\":\\s*\\[0", "\"data_offsets\":[9e18")),
                header(
                        "overflow",
                        text -> "{\"wte.weight\": {\"dtype\": \"F32\", \"shape\": [9223372036854775807, 9],"
                                + " \"data_offsets\": [1, 0]}}"),
                header(
                        "many dimensions",
                        text -> text.replaceFirst("\"shape\":\\s*\\[", "\"shape\":[1,1,1,1,1,1,1,1,")),
                header("unknown type", text -> text.replaceFirst("F32", "F31")),
                header("integers", text -> text.replace("F32", "I32")),
                header("other shape", text -> text.replace("[152,32]", "[32,152]")),
                header("missing tensor", text -> text.replaceFirst("ln_f", "ln_g")),
                new Case(
                        "weights",
                        "truncated",
                        "gpt2",
                        directory -> {
                            Path file = directory.resolve("model.safetensors");
                            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) (Files.size(file) / 2)));
                        },
                        false,
                        "model.safetensors"),
                new Case(
                        "weights",
                        "empty",
                        "gpt2",
                        d -> Files.write(d.resolve("model.safetensors"), new byte[0]),
                        false,
                        "model.safetensors"),
                new Case(
                        "weights",
                        "absent",
                        "gpt2",
                        directory -> Files.delete(directory.resolve("model.safetensors")),
                        false,
                        "model.safetensors"),
                file("weights", "gpt2", "model.safetensors", "text", "x".repeat(5000), "model.safetensors"));
    }

    private static Case numbers(String name, float number) {
        return new Case(
                "weights",
                name,
                "gpt2",
                directory -> {
                    try (RandomAccessFile file = new RandomAccessFile(
                            directory.resolve("model.safetensors").toFile(), "rw")) {
                        file.seek(file.length() - 4);
                        file.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(number)));
                    }
                },
                false,
                "model.safetensors",
                "infinite or not a number");
    }

    private static Case header(String name, UnaryOperator<String> change) {
        return new Case(
                "weights",
                "header: " + name,
                "gpt2",
                directory -> writeHeader(directory.resolve("model.safetensors"), change),
                false,
                "model.safetensors");
    }

    static void writeHeader(Path path, UnaryOperator<String> change) throws IOException {
        byte[] all = Files.readAllBytes(path);
        int length = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header =
                change.apply(new String(all, 8, length, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer out =
                ByteBuffer.allocate(8 + header.length + all.length - 8 - length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(header.length).put(header).put(all, 8 + length, all.length - 8 - length);
        Files.write(path, out.array());
    }
}
