package dev.anneal.training.event;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import java.util.Map;

/** The metrics of the published model on the test rows, by name, the loss among them. */
public record TestMetrics(@JsonAnyGetter Map<String, Double> scores, int examples) {}
