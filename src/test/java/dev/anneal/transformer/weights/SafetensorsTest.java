package dev.anneal.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path directory;

    @Test
    void writtenTensorsAreReadBack() throws IOException {
        Path file = write("model.safetensors");

        SortedMap<String, StoredTensor> tensors = Safetensors.read(file);

        assertThat(tensors.keySet()).containsExactly("a", "b");
        assertThat(tensors.get("b").shape()).containsExactly(2, 2);
        assertThat(tensors.get("b").dtype()).isEqualTo("F32");
        float[] values = new float[4];
        tensors.get("b").bytes().get().asFloatBuffer().get(values);
        assertThat(values).containsExactly(1, 2, 3, 4);
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void equalTensorsMakeEqualFiles() throws IOException {
        assertThat(write("one")).hasSameBinaryContentAs(write("two"));
    }

    @Test
    void aFileThatIsTruncatedAtAnyByteIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(write("model.safetensors"));
        Path cut = directory.resolve("cut.safetensors");
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.read(cut))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("cut.safetensors");
        }
    }

    @Test
    void aWrongSizeInTheHeaderIsNamed() throws IOException {
        String header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes());
        Path file = Files.write(directory.resolve("wrong.safetensors"), bytes.array());

        assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("tensor x");
    }

    private Path write(String name) throws IOException {
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        tensors.put("b", tensor(new long[] {2, 2}, 1, 2, 3, 4));
        tensors.put("a", tensor(new long[] {1}, 5));
        Path file = directory.resolve(name);
        Safetensors.write(file, tensors);
        return file;
    }

    private static StoredTensor tensor(long[] shape, float... values) {
        return new StoredTensor("F32", shape, () -> {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return bytes;
        });
    }
}
