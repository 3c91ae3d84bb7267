package dev.anneal.training.event;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import java.util.Map;

/** The figures of the published weights on so many test rows, by name, the loss among them. */
public record TestMetrics(@JsonAnyGetter Map<String, Double> scores, int examples) {}
