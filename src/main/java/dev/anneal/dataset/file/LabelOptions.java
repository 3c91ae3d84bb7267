package dev.anneal.dataset.file;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of an upload request that says what its labels mean.
 *
 * @param names of labels and tags that are numbers in the files; empty if they are not
 * @param areNumbers whether all labels are numbers, so that a name that looks like a number is none
 * @param until the part of a label before this text is the label; null for whole labels
 * @param separator the text between the labels of a row; null if labels are lists, or have | between them
 * @param byFile the label of all rows of a file, by the name of the file
 */
public record LabelOptions(
        Map<String, String> names,
        boolean areNumbers,
        @Nullable String until,
        @Nullable String separator,
        Map<String, String> byFile) {
    static final LabelOptions NONE = new LabelOptions(Map.of(), false, null, null, Map.of());

    /** Returns the options with the names of the numbers that a file has for its labels. */
    LabelOptions withNames(Map<String, String> other) {
        return new LabelOptions(other, true, until, separator, byFile);
    }
}
