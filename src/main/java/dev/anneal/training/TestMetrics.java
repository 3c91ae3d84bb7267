package dev.anneal.training;

import dev.anneal.evaluation.ClassificationReport;

/** The figures of the published weights on the test rows. */
public record TestMetrics(double loss, double accuracy, double f1Macro, int examples) {
    static TestMetrics of(ClassificationReport report) {
        return new TestMetrics(report.loss(), report.accuracy(), report.f1Macro(), report.examples());
    }
}
