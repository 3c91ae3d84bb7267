package dev.anneal.model;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of an import. {@code retries} counts tries in a row that bring no byte, {@code backoff} is the wait after the
 * first of them, {@code stall} how long a connection may bring nothing, {@code heartbeat} how often a running import
 * renews its lease and reports.
 */
@ConfigurationProperties("anneal.import")
record ImportSettings(
        @DefaultValue("50GB") DataSize maxBytes,
        @DefaultValue("5") int retries,
        @DefaultValue("1s") Duration backoff,
        @DefaultValue("60s") Duration stall,
        @DefaultValue("1s") Duration heartbeat,
        @DefaultValue("15s") Duration lease,
        @DefaultValue("1s") Duration poll,
        @DefaultValue("2") int parallel) {}
