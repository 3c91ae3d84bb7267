package dev.anneal.model.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.anneal.files.DiskRoom;
import dev.anneal.model.Zips;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that are taken out of a zip, and each kind of zip that is refused. */
class ZipModelTest {
    private static final long MAX = 64L << 20;

    @TempDir
    Path directory;

    private Path out;

    @BeforeEach
    void makeTarget() throws IOException {
        out = Files.createDirectory(directory.resolve("out"));
    }

    @Test
    void onlyTheFilesOfAModelAreUnpackedFromTheTop() throws IOException {
        unpack(model("")
                .with("README.md", "x")
                .with("notes.md", "x")
                .with("1_Pooling/config.json", "{}")
                .with("onnx/model.onnx", "x"));

        assertThat(names()).containsExactly("README.md", "config.json", "model.safetensors", "tokenizer.json");
    }

    @Test
    void filesInOneDirectoryAreReadAsThoseAtTheTop() throws IOException {
        unpack(model("bert/").with("__MACOSX/bert/._config.json", "x"));

        assertThat(names()).containsExactly("config.json", "model.safetensors", "tokenizer.json");
    }

    @Test
    void shardsAreReadAsTheIndexNamesThem() throws IOException {
        unpack(new Zips()
                .with("config.json", "{}")
                .with("vocab.txt", "a")
                .with(
                        "model.safetensors.index.json",
                        "{\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}")
                .with("m-1.safetensors", "1")
                .with("m-2.safetensors", "2")
                .with("other.safetensors", "3"));

        assertThat(names())
                .containsExactly(
                        "config.json",
                        "m-1.safetensors",
                        "m-2.safetensors",
                        "model.safetensors.index.json",
                        "vocab.txt");
    }

    @Test
    void pathsOutsideTheDirectoryAreRefused() {
        for (String name : List.of("/etc/x", "../x", "a/../../x", "C:\\x", "a\\..\\x", "a/..")) {
            refused("zip_unsafe_path", model("").with(name, "x"));
        }
    }

    @Test
    void linksAndDevicesAreRefused() {
        refused("zip_symlink", model("").with("vocab.txt", "/etc/passwd".getBytes(), 0120777));
        refused("zip_special_file", model("").with("vocab.txt", new byte[0], 0010644));
    }

    @Test
    void picklesAndCodeBesideSafetensorsAreLeftOutAndNamed() throws IOException {
        List<String> others =
                List.of("pytorch_model.bin", "a.pt", "a.PTH", "a.ckpt", "a.pkl", "modeling_x.py", "run.sh");
        Zips zips = model("checkpoint-10/");
        others.forEach(name -> zips.with("checkpoint-10/" + name, "x"));

        List<String> leftOut = unpack(zips);

        assertThat(names()).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(leftOut)
                .containsExactlyElementsOf(
                        others.stream().map(name -> "checkpoint-10/" + name).toList());
    }

    /** Its content is damaged, which reading it would find. */
    @Test
    void aFileThatIsLeftOutIsNotRead() throws IOException {
        byte[] optimizer = noise(5_000);
        byte[] zip = model("").with("optimizer.pt", optimizer, 0).bytes();
        zip[indexOf(zip, Arrays.copyOf(optimizer, 8))] ^= 1;

        assertThat(unpack(zip)).containsExactly("optimizer.pt");
    }

    @Test
    void theNamesOfFilesThatAreLeftOutAreLimited() throws IOException {
        Zips zips = model("");
        for (int i = 0; i < 500; i++) {
            zips.with("x".repeat(500) + i, "");
        }

        assertThat(unpack(zips))
                .hasSize(100)
                .allSatisfy(name -> assertThat(name).hasSize(81));
    }

    @Test
    void picklesAndCodeWithoutSafetensorsAreRefused() {
        for (String name : List.of("pytorch_model.bin", "a.pt", "a.PTH", "a.ckpt", "a.pkl", "modeling_x.py")) {
            refused("no_safetensors", new Zips().with("config.json", "{}").with(name, "x"));
        }
        refused(
                "custom_code",
                new Zips().with("config.json", "{\"auto_map\":{}}").with("model.safetensors", "x"));
    }

    @Test
    void archivesWithinTheArchiveAreRefused() {
        refused("zip_nested_archive", model("").with("more.zip", "x"));
        refused("zip_nested_archive", model("").with("more.tar.gz", "x"));
        refused(
                "zip_nested_archive",
                new Zips()
                        .with("config.json", "{}")
                        .with("model.safetensors", model("").bytes(), 0));
        refused(
                "zip_nested_archive",
                new Zips()
                        .with("config.json", "{}")
                        .with("model.safetensors", "x")
                        .with("vocab.txt", model("").bytes(), 0));
    }

    @Test
    void aZipThatUnpacksToFarMoreThanItsSizeIsRefused() {
        refused("zip_bomb", model("").with("vocab.txt", new byte[20 << 20], 0));
        refused("model_too_large", model("").with("a", noise(33 << 20), 0).with("b", noise(33 << 20), 0));
    }

    @Test
    void anEntryThatIsLongerThanTheZipSaysIsRefused() {
        byte[] zip = new Zips()
                .with("model.safetensors", "x")
                .with("config.json", "{\"a\":" + "1".repeat(5_000) + "}")
                .bytes();
        // The uncompressed size of the second entry in the central directory.
        int second = lastIndexOf(zip, new byte[] {'P', 'K', 1, 2});
        zip[second + 24] = 10;
        zip[second + 25] = 0;
        refused("zip_bomb", zip);
    }

    @Test
    void tooManyEntriesAreRefused() {
        Zips zips = model("");
        for (int i = 0; i < 1_000; i++) {
            zips.with("file" + i, "");
        }
        refused("zip_too_many_entries", zips);
    }

    @Test
    void aZipWithTooManyEntriesIsNotReadToItsEnd() {
        Zips zips = model("");
        for (int i = 0; i < 40_000; i++) {
            zips.with("file" + i, "");
        }
        byte[] zip = zips.bytes();
        refused("zip_too_many_entries", zip);
        // What the end of the zip says of their number is not believed.
        zip[zip.length - 12] = zip[zip.length - 14] = 1;
        zip[zip.length - 11] = zip[zip.length - 13] = 0;
        refused("zip_too_many_entries", zip);
    }

    @Test
    void aDuplicateEntryIsRefused() {
        refused("zip_duplicate_entry", model("").with("config.json", "{}"));
        refused("zip_duplicate_entry", model("").with("Config.json", "{}"));
    }

    @Test
    void encryptedEntriesAreRefused() {
        byte[] zip = model("").bytes();
        zip[6] |= 1;
        zip[indexOf(zip, new byte[] {'P', 'K', 1, 2}) + 8] |= 1;
        refused("zip_encrypted", zip);
    }

    @Test
    void anIncompleteZipIsRefused() {
        byte[] zip = model("").bytes();
        refused("invalid_zip", Arrays.copyOf(zip, zip.length / 2));
        refused("invalid_zip", "not a zip".getBytes());
        refused("invalid_zip", new byte[0]);
        byte[] damaged = new Zips()
                .with("config.json", "{}")
                .with("model.safetensors", noise(5_000), 0)
                .bytes();
        damaged[2_000] ^= 1;
        refused("invalid_zip", damaged);
    }

    @Test
    void aZipWithoutAModelIsRefused() {
        refused("invalid_model", new Zips().with("a/config.json", "{}").with("b/model.safetensors", "x"));
        refused("invalid_model", new Zips().with("model.safetensors", "x"));
        refused("no_safetensors", new Zips().with("config.json", "{}"));
        refused("invalid_model", new Zips());
        refused(
                "invalid_model",
                new Zips()
                        .with("config.json", "{}")
                        .with("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"../x.safetensors\"}}"));
        refused("invalid_model", new Zips().with("config.json", "{").with("model.safetensors", "x"));
    }

    @Test
    void aModelForWhichTheDiskHasNoRoomIsRefusedBeforeItIsUnpacked() throws IOException {
        try (DiskRoom others = DiskRoom.reserve(out, 0)) {
            others.putBack(1L << 60);
            refused("disk_full", model(""));
        }
        assertThat(names()).isEmpty();
        unpack(model(""));
    }

    @Test
    void aFileThatCannotBeWrittenIsNotAFaultOfTheZip() throws IOException {
        Files.createDirectory(out.resolve("tokenizer.json"));

        assertThatThrownBy(() -> unpack(model(""))).isInstanceOf(UncheckedIOException.class);
    }

    private static Zips model(String prefix) {
        return new Zips()
                .with(prefix + "config.json", "{\"model_type\":\"bert\"}")
                .with(prefix + "tokenizer.json", "{}")
                .with(prefix + "model.safetensors", "x");
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private void refused(String code, Zips zips) {
        refused(code, zips.bytes());
    }

    private void refused(String code, byte[] zip) {
        ImportFailure failure = catchThrowableOfType(ImportFailure.class, () -> unpack(zip));
        assertThat(failure).as(code).isNotNull();
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        assertThat(failure.getMessage()).doesNotContain("ZipDirectoryLimit", "Zip content", "Exception");
        assertThat(directory.resolve("x")).doesNotExist();
    }

    private List<String> unpack(Zips zips) throws IOException {
        return unpack(zips.bytes());
    }

    private List<String> unpack(byte[] zip) throws IOException {
        Path file = Files.write(directory.resolve("model.zip"), zip);
        return new ZipModel(MAX).unpack(file, out);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i <= bytes.length - part.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    private static int lastIndexOf(byte[] bytes, byte[] part) {
        for (int i = bytes.length - part.length; i >= 0; i--) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }
}
