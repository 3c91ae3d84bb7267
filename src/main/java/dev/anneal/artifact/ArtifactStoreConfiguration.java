package dev.anneal.artifact;

import dev.anneal.local.DataDirectory;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the artifact store by {@code anneal.artifacts}: a directory or S3. */
@Configuration(proxyBeanMethods = false)
class ArtifactStoreConfiguration {
    @Bean
    ArtifactStore artifactStore(ArtifactSettings settings, DataDirectory data, S3Settings s3, CacheSettings cache) {
        String place = settings.artifacts();
        if (place.startsWith("s3://")) {
            return new S3Store(S3Bucket.open(place, s3), new ArtifactCache(data, cache));
        }
        return new DirectoryStore(place.equals("directory") ? data.directory("artifacts") : Path.of(place));
    }
}
