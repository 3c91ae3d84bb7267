package dev.anneal.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a caller or a project may use of this server; 0 is no limit. Requests are per key and process: so many a second, and
 * so many at once after a pause. Streams are open ones per key and process. The others are what a project has where it was
 * given no limits of its own.
 */
@ConfigurationProperties("anneal.limits")
public record Limits(
        @DefaultValue("200") int requestsPerSecond,
        @DefaultValue("1000") int requestBurst,
        @DefaultValue("2000") int eventStreams,
        @DefaultValue("0") int maxQueuedJobs,
        @DefaultValue("0") int maxDatasets,
        @DefaultValue("0") DataSize maxStorage,
        @DefaultValue("10000000") long maxRows) {}
