package dev.anneal.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.files.DurableFiles;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.S3Server;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class S3StoreTest extends StoreContract {
    private static S3Server server;

    private String prefix;
    private Path data;
    private String endpoint;

    @BeforeAll
    static void start() throws Exception {
        server = new S3Server();
        System.setProperty("aws.accessKeyId", S3Server.USER);
        System.setProperty("aws.secretAccessKey", S3Server.SECRET);
    }

    @AfterAll
    static void stop() {
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void anew() {
        prefix = "test-" + new Random().nextLong(Long.MAX_VALUE);
        data = TestServer.newDirectory();
        endpoint = server.endpoint();
    }

    @Override
    ArtifactStore store() {
        return store(TestServer.newDirectory(), DataSize.ofGigabytes(1));
    }

    private S3Store store(Path data, DataSize cacheSize) {
        return new S3Store(bucket(), cache(data, cacheSize));
    }

    private S3Bucket bucket() {
        return S3Bucket.open(
                "s3://anneal/" + prefix,
                new S3Settings(URI.create(endpoint), null, true, DataSize.ofMegabytes(5), Duration.ofHours(48)));
    }

    private static ArtifactCache cache(Path data, DataSize size) {
        return new ArtifactCache(
                new DataDirectory(new DataSettings(data)), new CacheSettings(size, Duration.ofHours(1)));
    }

    @Override
    void breakDown() throws IOException {
        Path root = server.bucket().resolve(prefix);
        Files.createFile(root); // where the server wants a directory
    }

    @Test
    void theLoserOfARaceRemovesItsOwnFilesOnly() throws Exception {
        var pool = Executors.newFixedThreadPool(6);
        List<Future<?>> puts = IntStream.range(0, 6)
                .<Future<?>>mapToObj(i -> pool.submit(() -> {
                    store().put(KEY, directory(Map.of("a", "from " + i, "b", "from " + i)));
                    return null;
                }))
                .toList();
        for (Future<?> put : puts) {
            put.get();
        }
        pool.shutdown();
        assertThat(bucket().list("")).hasSize(3); // two files and the manifest
    }

    @Test
    void aDamagedFileIsNotHandedOut() throws IOException {
        store().put(KEY, directory(Map.of("weights", "12345")));
        try (Stream<Path> files =
                Files.find(server.bucket().resolve(prefix), 9, (path, is) -> path.endsWith("weights"))) {
            Files.writeString(files.findFirst().orElseThrow(), "12346");
        }
        assertThatThrownBy(() -> store().get(KEY))
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        damaged -> assertThat(damaged.isTransient()).isFalse())
                .hasMessageContaining("weights");
        assertThat(DurableFiles.files(data)).isEmpty();
    }

    @Test
    void aCopyOnThisMachineNeedsNoServer() throws IOException {
        store(data, DataSize.ofGigabytes(1)).put(KEY, directory(Map.of("file", "1")));
        endpoint = "http://127.0.0.1:1";
        assertThat(content(store(data, DataSize.ofGigabytes(1)).get(KEY))).isEqualTo(Map.of("file", "1"));
    }

    @Test
    void aCopyThatIsHeldIsNotRemoved() throws IOException {
        ArtifactCache cache = new ArtifactCache(
                new DataDirectory(new DataSettings(data)), new CacheSettings(DataSize.ofBytes(0), Duration.ZERO));
        S3Store store = new S3Store(bucket(), cache);
        store.put(KEY, directory(Map.of("file", "1")));
        ArtifactStore.Held first = store.hold(KEY);
        ArtifactStore.Held second = store.hold(KEY);
        first.close();
        first.close();

        store.put("models/other", directory(Map.of("file", "2")));
        assertThat(content(second.directory())).isEqualTo(Map.of("file", "1"));

        second.close();
        store.put("models/third", directory(Map.of("file", "3")));
        assertThat(second.directory()).doesNotExist();
    }

    @Test
    void theErrorOfAnUnavailableServerNamesNoSecrets() {
        endpoint = "http://127.0.0.1:1";
        assertThatThrownBy(() -> store().has(KEY))
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        away -> assertThat(away.isTransient()).isTrue())
                .hasMessageContaining("S3: cannot look for " + KEY)
                .hasMessageNotContaining(S3Server.SECRET);
    }

    @Test
    void manyThatAskForOneKeyDownloadItOnce() throws Exception {
        ArtifactCache cache = cache(data, DataSize.ofGigabytes(1));
        AtomicInteger downloads = new AtomicInteger();
        var pool = Executors.newFixedThreadPool(8);
        List<Future<Path>> gets = IntStream.range(0, 8)
                .mapToObj(i -> pool.submit(() -> cache.get(KEY, directory -> {
                    downloads.incrementAndGet();
                    Files.writeString(directory.resolve("file"), "1");
                })))
                .toList();
        for (Future<Path> get : gets) {
            assertThat(content(get.get())).isEqualTo(Map.of("file", "1"));
        }
        pool.shutdown();
        assertThat(downloads).hasValue(1);
    }

    @Test
    void theCacheEvictsTheLeastRecentlyUsedFilesButNoneInUse() throws IOException {
        ArtifactCache cache = cache(data, DataSize.ofBytes(250));
        Path oldest = get(cache, "oldest", Duration.ofHours(9));
        Path named = get(cache, "named", Duration.ofHours(8));
        Path old = get(cache, "old", Duration.ofHours(7));
        Path work = Files.createDirectories(data.resolve("work/host-1/job_1-1"));
        Files.writeString(work.resolve("placement.json"), "{\"base_model\":\"" + named + "\"}");
        Path recent = get(cache, "recent", Duration.ofMinutes(5));
        Path next = get(cache, "next", Duration.ZERO);
        assertThat(Stream.of(oldest, named, old, recent, next).filter(Files::exists))
                .containsExactly(named, recent, next);
    }

    private static Path get(ArtifactCache cache, String key, Duration ago) throws IOException {
        Path copy = cache.get(key, directory -> Files.write(directory.resolve("file"), new byte[100]));
        Files.setLastModifiedTime(copy, FileTime.from(Instant.now().minus(ago)));
        return copy;
    }

    @Test
    void oldFilesThatNoManifestNamesAreRemoved() throws IOException {
        store().put(KEY, directory(Map.of("file", "1")));
        S3Bucket bucket = bucket();
        Path file = Files.writeString(TestServer.newDirectory().resolve("file"), "left behind");
        bucket.upload(file, KEY + "/up-0123456789abcdef0123456789abcdef/file");
        bucket.upload(file, "checkpoints/job_1/1-5/up-0123456789abcdef0123456789abcdef/sub/file");
        new S3Sweep(bucket).run(Instant.now().minusSeconds(3600));
        assertThat(bucket.list("")).hasSize(4);
        new S3Sweep(bucket).run(Instant.now().plusSeconds(3600));
        assertThat(bucket.list("")).hasSize(2);
        assertThat(content(store().get(KEY))).isEqualTo(Map.of("file", "1"));
    }
}
