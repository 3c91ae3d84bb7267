package dev.anneal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFilesTest {
    @TempDir
    Path directory;

    SharedFiles shared;
    final AtomicInteger made = new AtomicInteger();
    final List<IOException> problems = new ArrayList<>();
    final CompletableFuture<Void> waits = new CompletableFuture<>();
    final SharedFiles.Listener listener = new SharedFiles.Listener() {
        @Override
        public void cannotShare(IOException reason) {
            problems.add(reason);
        }

        @Override
        public void waits() {
            waits.complete(null);
        }
    };

    @BeforeEach
    void prepare() {
        shared = new SharedFiles(directory.resolve("shared"), 1000);
    }

    @Test
    void aFileIsMadeOnceAndStaysForThoseWhoHaveItIfItIsRemoved() throws IOException {
        assertThat(get("a", "x", "one").isShared()).isFalse();
        assertThat(get("a", "x", "two").isShared()).isTrue();
        assertThat(get("a", "y", "three").isShared()).isFalse();
        assertThat(made).hasValue(2);

        shared.remove("a");

        assertThat(Files.readString(directory.resolve("two"))).isEqualTo("whole, made 1");
        assertThat(shared.owners()).isEmpty();
        assertThat(get("a", "x", "four").isShared()).isFalse();
        assertThat(problems).isEmpty();
    }

    @Test
    void aDamagedFileIsMadeAgain() throws IOException {
        get("a", "x", "one");
        Files.writeString(only(), "half");

        assertThat(get("a", "x", "two").open()).isEqualTo("whole, made 2");
        assertThat(made).hasValue(2);
        assertThat(get("a", "x", "three").isShared()).isTrue();
    }

    @Test
    void thoseWhoWantAFileThatIsBeingMadeWaitForIt() throws Exception {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> go = new CompletableFuture<>();
        var first = CompletableFuture.supplyAsync(() -> get("a", "x", "one", file -> {
            begun.complete(null);
            go.join();
            Files.writeString(file, "whole slowly");
        }));
        begun.join();
        var second = CompletableFuture.supplyAsync(() -> get("a", "x", "two", this::make));
        assertThat(waits).succeedsWithin(Duration.ofSeconds(20));
        assertThat(second).isNotDone();
        go.complete(null);

        assertThat(first.get().isShared()).isFalse();
        assertThat(second.get().isShared()).isTrue();
        assertThat(second.get().open()).isEqualTo("whole slowly");
        assertThat(made).hasValue(0);
    }

    @Test
    void theLeastRecentlyUsedFilesGoIfAllAreTooLarge() throws IOException {
        shared = new SharedFiles(directory.resolve("shared"), 30); // two files have 26 bytes
        get("a", "x", "one");
        get("b", "x", "two");
        setUsed("a", Instant.now().minusSeconds(20));
        setUsed("b", Instant.now().minusSeconds(10));
        get("a", "x", "three");
        get("c", "x", "four");

        assertThat(get("a", "x", "five").isShared()).isTrue();
        assertThat(get("c", "x", "six").isShared()).isTrue();
        assertThat(get("b", "x", "seven").isShared()).isFalse();
        assertThat(Files.readString(directory.resolve("two"))).isEqualTo("whole, made 2");
    }

    @Test
    void aDirectoryThatTakesNoFilesIsAProblemThatDoesNoHarm() throws IOException {
        Files.writeString(directory.resolve("shared"), "a file where the directory should be");

        assertThat(get("a", "x", "one").open()).isEqualTo("whole, made 1");
        assertThat(problems).hasSize(1);
    }

    @Test
    void nothingIsLeftBesidesTheSharedFiles() throws IOException {
        get("a", "x", "one");
        try (Stream<Path> all = Files.walk(directory.resolve("shared"))) {
            assertThat(all.filter(Files::isRegularFile)).hasSize(1);
        }
    }

    @Test
    void aSmallerLimitIsKeptWithoutANewFile() throws IOException {
        get("a", "x", "one");
        get("b", "x", "two");
        setUsed("a", Instant.now().minusSeconds(20));

        new SharedFiles(directory.resolve("shared"), 20).sweep();
        assertThat(files()).containsExactly("b");

        new SharedFiles(directory.resolve("shared"), 0).sweep();
        assertThat(files()).isEmpty();
        assertThat(Files.readString(directory.resolve("two"))).isEqualTo("whole, made 2");
    }

    @Test
    void whatKilledProcessesLeftIsRemovedAndWhatLivingOnesUseIsNot() throws IOException {
        get("a", "x", "one");
        Path owner = directory.resolve("shared/a");
        Files.writeString(owner.resolve("y.shared.lock"), "");
        Files.writeString(owner.resolve("part_new"), "half");
        Path old = Files.writeString(owner.resolve("part_old"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(7200)));

        try (FileLocks.Held held =
                FileLocks.take(owner.resolve("z.shared.lock")).orElseThrow()) {
            shared.sweep();
            try (Stream<Path> files = Files.list(owner)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder("x.shared", "part_new", "z.shared.lock");
            }
        }
    }

    /** Returns the owners of the files. */
    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("shared"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getParent().getFileName().toString())
                    .toList();
        }
    }

    private void setUsed(String owner, Instant time) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("shared").resolve(owner))) {
            Files.setLastModifiedTime(files.findFirst().orElseThrow(), FileTime.from(time));
        }
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("shared"))) {
            return files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
    }

    private SharedFiles.Got<String> get(String owner, String name, String own) {
        return get(owner, name, own, this::make);
    }

    private SharedFiles.Got<String> get(String owner, String name, String own, SharedFiles.Make make) {
        try {
            return shared.get(owner, name, directory.resolve(own), make, this::open, listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void make(Path file) throws IOException {
        Files.writeString(file, "whole, made " + made.incrementAndGet());
    }

    private String open(Path file) throws IOException {
        String text = Files.readString(file);
        if (!text.startsWith("whole")) {
            throw new IOException("damaged");
        }
        return text;
    }
}
