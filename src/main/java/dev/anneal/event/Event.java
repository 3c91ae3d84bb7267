package dev.anneal.event;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** One event on the wire; its id counts 1, 2, 3, … within what it happened to. */
public record Event(long id, String type, Instant createdAt, JsonNode data) {}
