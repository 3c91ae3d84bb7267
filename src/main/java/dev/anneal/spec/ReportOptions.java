package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The choices of a request for the findings of a report. A choice that is null has its default.
 *
 * @param sliceBy the columns by whose values the metrics are reported; by default the one of the role group
 * @param terms the groups of each dimension and their terms, which are exchanged for counterfactuals
 * @param compareTo the id of an evaluation of the same rows, with whose predictions those of this one are compared
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReportOptions(
        @Nullable List<String> sliceBy,
        @Nullable Map<String, Map<String, List<String>>> terms,
        @Nullable String compareTo) {
    public static final ReportOptions DEFAULT = new ReportOptions(null, null, null);

    /** The field of a row with its group. */
    private static final String GROUP = "group";

    /** The columns that rows have besides that of the role group. */
    public static final List<String> PLACES = List.of("file", "split");

    /** Returns the columns by whose values the metrics are reported. */
    public List<String> columns() {
        return sliceBy == null ? List.of(GROUP) : sliceBy;
    }

    /** Returns the field of a row with the value of a column. A column of another name is the one of the role group. */
    public static String fieldOf(String column) {
        return PLACES.contains(column) ? column : GROUP;
    }
}
