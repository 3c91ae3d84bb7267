package dev.anneal.transformer.architecture;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The task of a model; {@link #text} is its name on the wire and in a trainer's specification. */
public enum Task {
    /** One label for each text, or pair of texts. */
    @JsonProperty("text-classification")
    TEXT_CLASSIFICATION("text-classification"),
    /** Any number of labels for each text. */
    @JsonProperty("multi-label-classification")
    MULTI_LABEL("multi-label-classification"),
    /** A number for each text. */
    @JsonProperty("text-regression")
    TEXT_REGRESSION("text-regression"),
    /** A label for each word. */
    @JsonProperty("token-classification")
    TOKEN_CLASSIFICATION("token-classification"),
    /** The next token. */
    @JsonProperty("causal-lm")
    CAUSAL_LM("causal-lm"),
    /** Masked tokens. */
    @JsonProperty("masked-lm")
    MASKED_LM("masked-lm");

    private final String text;

    Task(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** Returns the name of the task in the API, where multi-label is an option of text-classification. */
    public String nameInApi() {
        return this == MULTI_LABEL ? TEXT_CLASSIFICATION.text : text;
    }

    /** Returns whether the model predicts labels. */
    public boolean hasLabels() {
        return this == TEXT_CLASSIFICATION || this == MULTI_LABEL || this == TOKEN_CLASSIFICATION;
    }

    /** Returns whether the report on test rows needs the scores of the validation rows, for a temperature and thresholds. */
    public boolean isTuned() {
        return this == TEXT_CLASSIFICATION || this == MULTI_LABEL;
    }

    /** Returns whether the model predicts something for a text as a whole: labels or a number. */
    public boolean predictsTexts() {
        return this == TEXT_CLASSIFICATION || this == MULTI_LABEL || this == TEXT_REGRESSION;
    }

    /** Returns whether an evaluation has predictions, or figures, for each row. Masked tokens are drawn for a whole batch. */
    public boolean hasRowPredictions() {
        return this != MASKED_LM;
    }

    /** Returns whether the model predicts tokens of the vocabulary. */
    public boolean isLanguageModel() {
        return this == CAUSAL_LM || this == MASKED_LM;
    }
}
