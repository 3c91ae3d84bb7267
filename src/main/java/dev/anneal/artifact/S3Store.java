package dev.anneal.artifact;

import dev.anneal.files.DurableFiles;
import dev.anneal.json.Json;
import dev.anneal.role.Sweeps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.util.FileSystemUtils;

/**
 * The artifact store in S3. Files are sent below {@code <key>/up-<unique>/}. Then {@code <key>/manifest.json}, which is written
 * only if there is none, makes the artifact appear. If two uploads store one key, the later one removes its files. A reader
 * gets a local copy, checked against the checksums of the manifest.
 */
final class S3Store implements ArtifactStore, DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(S3Store.class);

    private final S3Bucket bucket;
    private final ArtifactCache cache;

    S3Store(S3Bucket bucket, ArtifactCache cache) {
        this.bucket = bucket;
        this.cache = cache;
    }

    @Override
    public void put(String key, Path directory) {
        check(key);
        String upload = "up-" + UUID.randomUUID().toString().replace("-", "");
        try {
            if (!has(key) && send(key, directory, upload)) {
                cache.keep(key, directory);
            } else {
                FileSystemUtils.deleteRecursively(directory);
            }
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot store " + key, e);
        }
    }

    /** Returns false if another upload has stored the key. */
    private boolean send(String key, Path directory, String upload) throws IOException {
        boolean mayBeNamed = false;
        boolean named = false;
        try {
            List<Manifest.File> files = new ArrayList<>();
            for (Path file : DurableFiles.files(directory)) {
                String name = directory.relativize(file).toString().replace(java.io.File.separatorChar, '/');
                files.add(new Manifest.File(name, Files.size(file), DurableFiles.sha256(file)));
                bucket.upload(file, key + "/" + upload + "/" + name);
            }
            mayBeNamed = true;
            byte[] manifest = Json.write(new Manifest(upload, files)).getBytes(StandardCharsets.UTF_8);
            named = bucket.create(Manifest.of(key), manifest) || names(key, upload);
            mayBeNamed = named;
            return named;
        } finally {
            if (!mayBeNamed) {
                removeFiles(key, upload);
            }
        }
    }

    /** Returns whether the manifest is that of this upload: a retry after a lost answer finds its own. */
    private boolean names(String key, String upload) throws IOException {
        return Manifest.read(bucket, key)
                .orElseThrow(() -> new IOException("the manifest of " + key + " does not exist and cannot be written"))
                .upload()
                .equals(upload);
    }

    private void removeFiles(String key, String upload) {
        try {
            bucket.deleteAll(key + "/" + upload + "/");
        } catch (IOException | RuntimeException e) {
            log.warn("cannot remove files of {}, the sweep will: {}", key, e.getMessage());
        }
    }

    @Override
    public boolean has(String key) {
        check(key);
        try {
            return bucket.has(Manifest.of(key));
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot look for " + key, e);
        }
    }

    @Override
    public Path get(String key) {
        check(key);
        try {
            return cache.get(key, directory -> download(key, directory));
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot get " + key, e);
        }
    }

    @Override
    public Held hold(String key) {
        Runnable release = cache.hold(key);
        try {
            return new Held(get(key), release);
        } catch (RuntimeException e) {
            release.run();
            throw e;
        }
    }

    /** Marks the copies that are held as used, for other processes that share the cache. */
    @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.MINUTES)
    void touchHeld() throws IOException {
        cache.touchHeld();
    }

    private void download(String key, Path directory) throws IOException {
        Manifest manifest = Manifest.read(bucket, key)
                .orElseThrow(() -> new NoSuchFileException(key, null, "there is no artifact " + key));
        for (Manifest.File file : manifest.files()) {
            Path target = directory.resolve(file.name()).normalize();
            if (!target.startsWith(directory)) {
                throw new CorruptArtifactException("the manifest of " + key + " names a file outside of it");
            }
            Files.createDirectories(target.getParent());
            String sha256 = bucket.download(key + "/" + manifest.upload() + "/" + file.name(), target);
            if (!sha256.equals(file.sha256())) {
                throw new CorruptArtifactException(
                        file.name() + " is corrupt: its SHA-256 is " + sha256 + ", not " + file.sha256());
            }
        }
        log.info("fetched {} ({} bytes)", key, manifest.size());
    }

    @Override
    public void delete(String key) {
        check(key);
        try {
            Optional<Manifest> manifest = Manifest.read(bucket, key);
            if (manifest.isPresent()) {
                bucket.delete(Manifest.of(key));
                removeFiles(key, manifest.get().upload());
            }
            cache.forget(key);
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot delete " + key, e);
        }
    }

    /** Keys come from the server, so one with other segments is a bug. */
    private static void check(String key) {
        if (Stream.of(key.split("/", -1)).anyMatch(s -> s.isEmpty() || s.equals(".") || s.equals(".."))) {
            throw new IllegalArgumentException("not a key: " + key);
        }
    }

    @Scheduled(initialDelay = 10, fixedDelay = 360, timeUnit = TimeUnit.MINUTES)
    void sweep() {
        try {
            Instant before = Instant.now().minus(bucket.settings().orphansAfter());
            Sweeps.time("bucket", () -> new S3Sweep(bucket).run(before));
        } catch (IOException | RuntimeException unavailable) {
            log.warn("cannot sweep the bucket: {}", unavailable.getMessage());
        }
    }

    @Override
    public void destroy() throws IOException {
        cache.close();
        bucket.close();
    }
}
