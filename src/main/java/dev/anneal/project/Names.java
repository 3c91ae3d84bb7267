package dev.anneal.project;

import dev.anneal.text.Cut;
import dev.anneal.web.Problem;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The rule for the names of datasets, jobs and models: in a project, a name means one of them. What was rejected, failed or was
 * cancelled leaves its name to the next one.
 */
@Component
public class Names {
    /** The most things of a name that are read: enough to see that there are several, and to list some. */
    public static final int MOST = 6;

    private static final int MAX_STEM = 180;
    private static final Pattern ID = Pattern.compile("(ds|job|mdl|eval|pred)_[0-9A-HJKMNP-TV-Z]{26}");

    private final JdbcClient jdbc;

    Names(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Lets no other transaction choose a name in the project until the caller's one ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lock(String project) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended(?, 0))")
                .param("names of " + project)
                .query()
                .listOfRows();
    }

    /** Throws a problem if a name looks like an id: it would mean something else after the thing with that id is deleted. */
    public static void refuseId(String name) {
        if (ID.matcher(name).matches()) {
            throw Problem.invalid(
                    "name", "invalid_name", "'name' must not look like an id. Choose another name, such as 'reviews'.");
        }
    }

    /**
     * Returns the thing that a name means: the one with the lowest rank. Throws if several have this rank, which is possible for
     * those that were made before names had to differ, and for those that failed.
     */
    public static <T> Optional<T> only(
            String noun, String name, List<T> found, ToIntFunction<T> rank, Function<T, String> id) {
        int lowest = found.stream().mapToInt(rank).min().orElse(0);
        List<T> first =
                found.stream().filter(each -> rank.applyAsInt(each) == lowest).toList();
        if (first.size() > 1) {
            throw Problem.conflict(
                    "ambiguous_name",
                    "Several %ss are named '%s'. Give the id of one: %s%s"
                            .formatted(
                                    noun,
                                    Problem.quote(name),
                                    first.stream().limit(MOST - 1).map(id).collect(Collectors.joining(", ")),
                                    first.size() < MOST ? "." : ", …"));
        }
        return first.stream().findFirst();
    }

    /** Returns the problem for a name that something else has. */
    public static Problem taken(String name, String noun, String id) {
        return Problem.conflict(
                "name_taken",
                "The %s '%s' has the name '%s' already. Choose another 'name', or delete that %s."
                        .formatted(noun, id, Problem.quote(name), noun));
    }

    /** Returns a name with a number that no other has, such as {@code movies-3}. Numbers are tried from the first one on. */
    public static String numbered(String stem, int first, String ending, Predicate<String> used) {
        return numbered(stem, "-", first, ending, used);
    }

    /**
     * Returns such a name, in which a mark is before the number. It has at most 200 characters if the mark has two and the ending
     * none, or the mark one and the ending nine.
     */
    public static String numbered(String stem, String mark, int first, String ending, Predicate<String> used) {
        String start = Cut.toLength(stem, MAX_STEM) + mark;
        int taken = first - 1;
        int free = first;
        for (int step = 1; used.test(start + free + ending); step *= 2) {
            taken = free;
            free += step;
        }
        while (free - taken > 1) { // as many questions as the number has bits
            int middle = (free + taken) >>> 1;
            if (used.test(start + middle + ending)) {
                taken = middle;
            } else {
                free = middle;
            }
        }
        return start + free + ending;
    }
}
