package dev.anneal.model;

import java.time.Instant;

/**
 * The reason for which this server does not call a model for a project.
 *
 * @param state {@code unhealthy}
 * @param since the time of the last crash
 * @param until the time from which calls are accepted again
 * @param reason what happened, in a sentence
 * @param action what to do, in a sentence
 */
public record Health(String state, Instant since, Instant until, String reason, String action) {}
