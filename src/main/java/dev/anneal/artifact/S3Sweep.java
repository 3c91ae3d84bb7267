package dev.anneal.artifact;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the files of unfinished uploads from the bucket. Several servers may do so at the same time. */
final class S3Sweep {
    private static final Logger log = LoggerFactory.getLogger(S3Sweep.class);
    private static final Pattern UPLOADED = Pattern.compile("(.+?)/(up-[0-9a-f]{32})/.+");

    /** One upload under one key. */
    private record Upload(String key, String id) {
        String directory() {
            return key + "/" + id + "/";
        }
    }

    private final S3Bucket bucket;

    S3Sweep(S3Bucket bucket) {
        this.bucket = bucket;
    }

    /** Removes files that no manifest names if the newest file of their upload is older than {@code before}. */
    void run(Instant before) throws IOException {
        int ended = bucket.abortUploads(before);
        Map<Upload, Instant> newest = new TreeMap<>(java.util.Comparator.comparing(Upload::directory));
        for (S3Bucket.Found found : bucket.list("")) {
            Matcher uploaded = UPLOADED.matcher(found.name());
            if (uploaded.matches()) {
                Upload upload = new Upload(uploaded.group(1), uploaded.group(2));
                newest.merge(upload, found.modified(), (a, b) -> a.isAfter(b) ? a : b);
            }
        }
        int removed = 0;
        for (var upload : newest.entrySet()) {
            if (upload.getValue().isBefore(before) && !named(upload.getKey())) {
                bucket.deleteAll(upload.getKey().directory());
                removed++;
            }
        }
        if (ended + removed > 0) {
            log.info(
                    "swept {}: removed {} multipart uploads and {} uploads without a manifest",
                    bucket.place(),
                    ended,
                    removed);
        }
    }

    private boolean named(Upload upload) throws IOException {
        return Manifest.read(bucket, upload.key())
                .filter(manifest -> manifest.upload().equals(upload.id()))
                .isPresent();
    }
}
