package dev.anneal.artifact;

import dev.anneal.settings.InvalidSettingException;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The objects of a bucket below a prefix. Names of objects are relative to the prefix. */
final class S3Bucket implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(S3Bucket.class);
    private static final int MAX_PARTS = 10_000;
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int MAX_TRIES = 5;

    /** An object in a list. */
    record Found(String name, Instant modified) {}

    private final S3Client s3;
    private final S3Settings settings;
    private final String bucket;
    private final String prefix;

    private S3Bucket(S3Client s3, S3Settings settings, String bucket, String prefix) {
        this.s3 = s3;
        this.settings = settings;
        this.bucket = bucket;
        this.prefix = prefix;
    }

    static S3Bucket open(String place, S3Settings settings) {
        String[] parts = place.substring("s3://".length()).split("/", 2);
        if (parts[0].isEmpty()) {
            throw new InvalidSettingException("anneal.artifacts", place, "s3://bucket/prefix, with a bucket");
        }
        String prefix = parts.length == 1 ? "" : parts[1].replaceAll("^/+|/+$", "");
        return new S3Bucket(client(settings), settings, parts[0], prefix.isEmpty() ? "" : prefix + "/");
    }

    private static S3Client client(S3Settings settings) {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .forcePathStyle(settings.pathStyle());
        if (settings.endpoint() != null) {
            builder.endpointOverride(settings.endpoint());
        }
        if (settings.region() != null) {
            builder.region(Region.of(settings.region()));
        } else if (settings.endpoint() != null) {
            builder.region(Region.US_EAST_1); // other S3 servers expect this region
        }
        return builder.build();
    }

    S3Settings settings() {
        return settings;
    }

    /** Sends a file while it is read from disk, in parts if it is large. */
    void upload(Path file, String name) throws IOException {
        long size = Files.size(file);
        long part = Math.max(settings.partSize().toBytes(), (size + MAX_PARTS - 1) / MAX_PARTS);
        if (size <= part) {
            call("send " + name, () -> s3.putObject(r -> r.bucket(bucket).key(prefix + name), body(file, 0, size)));
        } else {
            uploadParts(file, name, size, part);
        }
    }

    private void uploadParts(Path file, String name, long size, long partSize) throws IOException {
        String id = call(
                "send " + name,
                () -> s3.createMultipartUpload(r -> r.bucket(bucket).key(prefix + name))
                        .uploadId());
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < size; from += partSize) {
                int number = parts.size() + 1;
                RequestBody body = body(file, from, Math.min(partSize, size - from));
                String tag = call(
                        "send part " + number + " of " + name,
                        () -> s3.uploadPart(
                                        r -> r.bucket(bucket)
                                                .key(prefix + name)
                                                .uploadId(id)
                                                .partNumber(number),
                                        body)
                                .eTag());
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            call(
                    "send " + name,
                    () -> s3.completeMultipartUpload(r ->
                            r.bucket(bucket).key(prefix + name).uploadId(id).multipartUpload(m -> m.parts(parts))));
        } catch (IOException | RuntimeException fault) {
            abort(prefix + name, id);
            throw fault;
        }
    }

    private void abort(String object, String id) {
        try {
            s3.abortMultipartUpload(r -> r.bucket(bucket).key(object).uploadId(id));
        } catch (SdkException e) {
            log.warn("cannot abort an upload, the sweep will: {}", e.getMessage());
        }
    }

    /** Returns a body that a retry reads again from its first byte. */
    private static RequestBody body(Path file, long from, long length) {
        ContentStreamProvider stream = () -> {
            try {
                InputStream in = Files.newInputStream(file);
                in.skipNBytes(from);
                return new BoundedStream(in, length);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
        return RequestBody.fromContentProvider(stream, length, "application/octet-stream");
    }

    /** Writes a small object unless it exists. Returns whether it was written. */
    boolean create(String name, byte[] content) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                s3.putObject(r -> r.bucket(bucket).key(prefix + name).ifNoneMatch("*"), RequestBody.fromBytes(content));
                return true;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return false;
                }
                if (e.statusCode() != CONFLICT || tries == MAX_TRIES) { // another write or delete is in progress
                    throw failure("write " + name, e);
                }
            } catch (SdkException e) {
                throw failure("write " + name, e);
            }
        }
    }

    Optional<byte[]> read(String name) throws IOException {
        try {
            return Optional.of(s3.getObjectAsBytes(r -> r.bucket(bucket).key(prefix + name))
                    .asByteArray());
        } catch (NoSuchKeyException none) {
            return Optional.empty();
        } catch (SdkException e) {
            throw failure("read " + name, e);
        }
    }

    boolean has(String name) throws IOException {
        try {
            s3.headObject(r -> r.bucket(bucket).key(prefix + name));
            return true;
        } catch (S3Exception e) {
            if (e.statusCode() == 404) {
                return false;
            }
            throw failure("look for " + name, e);
        } catch (SdkException e) {
            throw failure("look for " + name, e);
        }
    }

    /** Writes an object to a file and returns the SHA-256 of the received bytes. */
    String download(String name, Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (InputStream in = s3.getObject(r -> r.bucket(bucket).key(prefix + name));
                OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            in.transferTo(out);
        } catch (NoSuchKeyException gone) {
            throw new CorruptArtifactException("S3: there is no object " + name);
        } catch (SdkException e) {
            throw failure("read " + name, e);
        }
        return Sha256.hex(digest);
    }

    void delete(String name) throws IOException {
        call("delete " + name, () -> s3.deleteObject(r -> r.bucket(bucket).key(prefix + name)));
    }

    void deleteAll(String below) throws IOException {
        for (Found found : list(below)) {
            delete(found.name());
        }
    }

    List<Found> list(String below) throws IOException {
        return call("list " + below, () -> {
            try (Stream<Found> found =
                    s3.listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix + below)).contents().stream()
                            .map(o -> new Found(o.key().substring(prefix.length()), o.lastModified()))) {
                return found.toList();
            }
        });
    }

    /** Aborts multipart uploads that began before a time and have not ended. Returns their number. */
    int abortUploads(Instant before) throws IOException {
        List<MultipartUpload> stale = call("list uploads", () -> {
            try (Stream<MultipartUpload> uploads =
                    s3.listMultipartUploadsPaginator(r -> r.bucket(bucket).prefix(prefix)).uploads().stream()) {
                return uploads.filter(u -> u.initiated().isBefore(before)).toList();
            }
        });
        stale.forEach(upload -> abort(upload.key(), upload.uploadId()));
        return stale.size();
    }

    private interface Call<T> {
        T make();
    }

    private static <T> T call(String what, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (SdkException e) {
            throw failure(what, e);
        }
    }

    /** Adds the SDK's message, which has the status and the reason but no credentials. */
    private static IOException failure(String what, SdkException e) {
        return new IOException("S3: cannot " + what + ": " + e.getMessage(), e);
    }

    URI place() {
        return URI.create("s3://" + bucket + "/" + prefix);
    }

    @Override
    public void close() {
        s3.close();
    }
}
