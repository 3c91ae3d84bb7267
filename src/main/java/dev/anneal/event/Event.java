package dev.anneal.event;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** One event in an answer. Ids count 1, 2, 3, … within a job or an import. */
public record Event(long id, String type, Instant createdAt, JsonNode data) {}
