package dev.anneal.dataset.file;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The methods that assign rows to splits. */
public enum SplitMethod {
    STRATIFIED,
    GROUP,
    TIME,
    CONTENT_HASH,
    K_FOLD,
    /** In the order of the file. A request says it as {@code order}. */
    FILE_ORDER;

    /** The names on the wire. */
    static final List<String> NAMES = Arrays.stream(values())
            .filter(method -> method != FILE_ORDER)
            .map(method -> method.name().toLowerCase(Locale.ROOT))
            .toList();
}
