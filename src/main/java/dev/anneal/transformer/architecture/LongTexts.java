package dev.anneal.transformer.architecture;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The two ways to treat texts that are longer than a model takes. transformers knows no such setting. */
public enum LongTexts {
    /** Tokens at the end are left out. */
    TRUNCATE,
    /** The text is computed in overlapping windows, and the mean of their results is the result. */
    WINDOWS;

    /** The field in {@code config.json}, in a job and in a request for predictions. */
    public static final String FIELD = "long_texts";

    public static final List<String> NAMES =
            Arrays.stream(values()).map(LongTexts::text).toList();

    /** Returns how many tokens a window of this many has in common with the next. */
    public static int overlap(int room) {
        return room / 4;
    }

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static LongTexts of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
