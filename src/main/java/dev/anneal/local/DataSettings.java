package dev.anneal.local;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The data directory; its default is in application.yaml. */
@ConfigurationProperties("anneal")
public record DataSettings(Path data) {}
