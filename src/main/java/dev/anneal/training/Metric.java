package dev.anneal.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A figure of the validation rows by which epochs are compared. */
public enum Metric {
    @JsonProperty("loss")
    LOSS {
        @Override
        double of(EpochMetrics epoch) {
            return epoch.validationLoss();
        }
    },
    @JsonProperty("accuracy")
    ACCURACY {
        @Override
        double of(EpochMetrics epoch) {
            return epoch.accuracy();
        }
    },
    @JsonProperty("f1_macro")
    F1_MACRO {
        @Override
        double of(EpochMetrics epoch) {
            return epoch.f1Macro();
        }
    };

    abstract double of(EpochMetrics epoch);

    /** Positive where the first epoch is better; equal ones are told apart by their validation loss. */
    int compare(EpochMetrics a, EpochMetrics b) {
        int better = this == LOSS ? 0 : Double.compare(of(a), of(b));
        return better != 0 ? better : Double.compare(b.validationLoss(), a.validationLoss());
    }
}
