package dev.anneal.model;

import dev.anneal.model.ModelImports.Claim;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The import threads of this process. No project has all of them, so that its slow imports never delay those of others. */
final class ImportThreads {
    private final int mostOfProject;
    /** The number of imports of each project that has some. */
    private final Map<String, Integer> busy = new HashMap<>();

    ImportThreads(int threads) {
        this.mostOfProject = Math.max(1, threads - 1);
    }

    /**
     * Claims an import for a thread. {@link #end} must follow.
     *
     * @param next claims the next import, but none of these projects
     */
    synchronized Optional<Claim> claim(Function<Set<String>, Optional<Claim>> next) {
        Set<String> others = new HashSet<>(busy.keySet());
        others.removeIf(project -> busy.getOrDefault(project, 0) < mostOfProject);
        Optional<Claim> claim = next.apply(others);
        claim.ifPresent(claimed -> busy.merge(owner(claimed), 1, Integer::sum));
        return claim;
    }

    synchronized void end(Claim claim) {
        busy.computeIfPresent(owner(claim), (same, count) -> count == 1 ? null : count - 1);
    }

    private static String owner(Claim claim) {
        return Objects.requireNonNullElse(claim.project(), "");
    }
}
