package dev.anneal.artifact;

import dev.anneal.local.DataDirectory;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Which store is used: a directory of this server's own ({@code directory}), one that several hosts share (its path), or
 * S3 ({@code s3://bucket/prefix}).
 */
@Configuration(proxyBeanMethods = false)
class Artifacts {
    @Bean
    ArtifactStore artifactStore(
            @Value("${anneal.artifacts:directory}") String place,
            DataDirectory data,
            S3Settings s3,
            CacheSettings cache) {
        if (place.startsWith("s3://")) {
            return new S3Store(S3Bucket.open(place, s3), new ArtifactCache(data, cache));
        }
        if (place.contains("://")) {
            throw new IllegalArgumentException(
                    "anneal.artifacts is " + place + "; it is 'directory', a path or s3://bucket/prefix");
        }
        return new DirectoryStore(place.equals("directory") ? data.directory("artifacts") : Path.of(place));
    }
}
