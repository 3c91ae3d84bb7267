package dev.anneal.artifact;

import dev.anneal.settings.Check;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How S3 is reached. Credentials come the SDK's usual ways, never from here; endpoint and region too, where they are null.
 *
 * @param partSize files above it are sent in parts of this size
 * @param orphansAfter age from which files that no manifest names, and uploads that never ended, are swept away
 */
@ConfigurationProperties("anneal.s3")
record S3Settings(
        URI endpoint,
        String region,
        @DefaultValue("false") boolean pathStyle,
        @DefaultValue("64MB") DataSize partSize,
        @DefaultValue("48h") Duration orphansAfter) {
    S3Settings {
        Check.positive("anneal.s3.part-size", partSize);
        Check.positive("anneal.s3.orphans-after", orphansAfter);
    }
}
