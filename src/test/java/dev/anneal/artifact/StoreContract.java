package dev.anneal.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.files.DurableFiles;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The behaviour of a store wherever it keeps its files. */
abstract class StoreContract {
    static final String KEY = "models/mdl_1-1";

    /** A store over the same files as every other that this returns, as another host would have it. */
    abstract ArtifactStore store();

    /** Makes every write fail from here on. */
    abstract void breakDown() throws IOException;

    @Test
    void aPutMovesTheFilesIntoTheStore() throws IOException {
        Path given = directory(Map.of("config.json", "{}", "sub/deep/weights.bin", "12345", "empty", ""));
        store().put(KEY, given);
        assertThat(Files.exists(given)).isFalse();
        assertThat(store().has(KEY)).isTrue();
        assertThat(content(store().get(KEY)))
                .isEqualTo(Map.of("config.json", "{}", "sub/deep/weights.bin", "12345", "empty", ""));
    }

    @Test
    void keysMayHaveAnyCharacters() throws IOException {
        Map<String, String> files = Map.of("a b+c&d=é?#%41.txt", "x", "日本/ü~'()[]{}!.bin", "y", ".hidden", "z");
        store().put(KEY, directory(files));
        assertThat(content(store().get(KEY))).isEqualTo(files);
    }

    @Test
    void aKeyThatIsThereNeverChanges() throws IOException {
        store().put(KEY, directory(Map.of("file", "first")));
        store().put(KEY, directory(Map.of("file", "second", "more", "more")));
        assertThat(content(store().get(KEY))).isEqualTo(Map.of("file", "first"));
    }

    @Test
    void oneOfManyPutsToAKeyIsKeptWhole() throws Exception {
        var pool = Executors.newFixedThreadPool(8);
        List<Future<?>> puts = IntStream.range(0, 8)
                .<Future<?>>mapToObj(i -> pool.submit(() -> {
                    store().put(KEY, directory(Map.of("a", "from " + i, "b", "from " + i, "c", "from " + i)));
                    return null;
                }))
                .toList();
        for (Future<?> put : puts) {
            put.get();
        }
        pool.shutdown();
        assertThat(content(store().get(KEY)).values().stream().distinct()).hasSize(1);
        assertThat(content(store().get(KEY))).hasSize(3);
    }

    @Test
    void aLargeFileIsKeptByteForByte() throws IOException {
        byte[] bytes = new byte[12_345_678];
        new Random(1).nextBytes(bytes);
        Path given = Files.createDirectory(TestServer.newDirectory().resolve("given"));
        Files.write(given.resolve("weights"), bytes);
        store().put(KEY, given);
        assertThat(Arrays.equals(Files.readAllBytes(store().get(KEY).resolve("weights")), bytes))
                .isTrue();
    }

    @Test
    void aMissingKeyIsAnError() {
        assertThat(store().has("models/none")).isFalse();
        assertThatThrownBy(() -> store().get("models/none"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("there is no artifact models/none");
        store().delete("models/none");
    }

    @Test
    void aDeleteRemovesOnlyItsKey() throws IOException {
        store().put(KEY, directory(Map.of("file", "1")));
        store().put(KEY + "0", directory(Map.of("file", "2")));
        store().delete(KEY);
        assertThat(store().has(KEY)).isFalse();
        assertThatThrownBy(() -> store().get(KEY)).isInstanceOf(UncheckedIOException.class);
        assertThat(content(store().get(KEY + "0"))).isEqualTo(Map.of("file", "2"));
        store().put(KEY, directory(Map.of("file", "3")));
        assertThat(content(store().get(KEY))).isEqualTo(Map.of("file", "3"));
    }

    @Test
    void aKeyOutsideTheStoreIsAnError() {
        for (String key : List.of("../secret", "models/../../secret", "")) {
            assertThatThrownBy(() -> store().get(key)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aPutThatFailsLeavesTheFilesInPlaceAndNoKey() throws IOException {
        ArtifactStore store = store();
        Path given = directory(Map.of("a", "1", "b", "2"));
        breakDown();
        assertThatThrownBy(() -> store.put(KEY, given)).isInstanceOf(UncheckedIOException.class);
        assertThat(content(given)).isEqualTo(Map.of("a", "1", "b", "2"));
    }

    static Path directory(Map<String, String> files) throws IOException {
        Path directory = Files.createDirectory(TestServer.newDirectory().resolve("given"));
        for (var file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        return directory;
    }

    static Map<String, String> content(Path directory) throws IOException {
        Map<String, String> content = new TreeMap<>();
        for (Path file : DurableFiles.files(directory)) {
            content.put(directory.relativize(file).toString(), Files.readString(file));
        }
        return content;
    }
}
