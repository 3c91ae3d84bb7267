package dev.anneal.evaluation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;

/** The metrics of a model on the rows of one split. */
public interface Report {
    /** The task, as a trainer's specification names it. */
    String task();

    String split();

    int examples();

    /** Returns the metrics by which models are compared, by their names on the wire, the loss first; none without a value. */
    @JsonIgnore
    Map<String, Double> metrics();

    /** Returns the metrics of the model as it was before it got a temperature, if it has one. */
    @JsonIgnore
    default Map<String, Double> uncalibratedMetrics() {
        return metrics();
    }
}
