package dev.anneal.artifact;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The list of files of an artifact in S3, and the upload they belong to. It is written last and never changes. */
record Manifest(String upload, List<File> files) {
    /** A file. Its name is the path within the artifact, with slashes. */
    record File(String name, long size, String sha256) {}

    static String of(String key) {
        return key + "/manifest.json";
    }

    static Optional<Manifest> read(S3Bucket bucket, String key) throws IOException {
        return bucket.read(of(key)).map(bytes -> Json.read(new String(bytes, StandardCharsets.UTF_8), Manifest.class));
    }

    long size() {
        return files.stream().mapToLong(File::size).sum();
    }
}
