package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The choices of a request for the findings of a report. A choice that is null has its default.
 *
 * @param sliceBy the columns by whose values the metrics are reported; by default the one of the role group and those of the role kept
 * @param terms the groups of each dimension and their terms, which are exchanged for counterfactuals
 * @param compareTo the id of an evaluation of the same rows, with whose predictions those of this one are compared
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReportOptions(
        @Nullable List<String> sliceBy,
        @Nullable Map<String, Map<String, List<String>>> terms,
        @Nullable String compareTo) {
    public static final ReportOptions DEFAULT = new ReportOptions(null, null, null);

    /** The columns that rows have besides those of the dataset. */
    public static final List<String> PLACES = List.of("file", "split");
}
