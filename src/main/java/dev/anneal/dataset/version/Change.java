package dev.anneal.dataset.version;

import tools.jackson.databind.JsonNode;

/**
 * The work of a step: the step as it was asked for, and how many rows it removed, changed and added.
 *
 * @param stopped whether it stopped before it had compared all rows, because too many are similar
 */
public record Change(JsonNode step, long rowsRemoved, long rowsChanged, long rowsAdded, boolean stopped) {}
