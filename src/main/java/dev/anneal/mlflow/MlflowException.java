package dev.anneal.mlflow;

import java.io.IOException;

/** Thrown when the tracking server refuses a call for a reason that a retry does not change. */
final class MlflowException extends IOException {
    private final String code;

    MlflowException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Returns the error code of MLflow, such as RESOURCE_DOES_NOT_EXIST. */
    String code() {
        return code;
    }
}
