package dev.anneal.evaluation;

import dev.anneal.evaluation.calibration.CalibrationFigures;
import dev.anneal.evaluation.calibration.CalibrationFigures.Kind;
import dev.anneal.evaluation.calibration.Temperature;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calibration of a classifier without a temperature, and with the one that was fitted on the validation rows.
 *
 * @param temperature null if none was fitted
 * @param served whether the published model computes with the temperature
 * @param calibrated the figures with the temperature; null without one
 */
public record CalibrationReport(
        @Nullable Double temperature,
        boolean served,
        CalibrationFigures uncalibrated,
        @Nullable CalibrationFigures calibrated) {

    static CalibrationReport of(Temperature.Decisions decisions, Kind kind, @Nullable Tuning tuning) {
        Double temperature = tuning == null ? null : tuning.temperature();
        if (tuning == null || temperature == null) {
            return new CalibrationReport(null, false, CalibrationFigures.of(decisions, 1, kind), null);
        }
        // The scores of a model that computes with the temperature have it already.
        return tuning.isServed()
                ? new CalibrationReport(
                        temperature,
                        true,
                        CalibrationFigures.of(decisions, 1 / temperature, kind),
                        CalibrationFigures.of(decisions, 1, kind))
                : new CalibrationReport(
                        temperature,
                        false,
                        CalibrationFigures.of(decisions, 1, kind),
                        CalibrationFigures.of(decisions, temperature, kind));
    }

    /** Returns the metrics of a model without its temperature, which changes only the loss. */
    Map<String, Double> uncalibrated(Map<String, Double> metrics) {
        if (!served || uncalibrated.logLoss() == null) {
            return metrics;
        }
        Map<String, Double> all = new LinkedHashMap<>(metrics);
        all.put(Metric.LOSS.name(), uncalibrated.logLoss());
        return all;
    }
}
