package dev.anneal.dataset.source;

import dev.anneal.model.source.ImportFailure;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The splits that a repository declares, of which each is for training, for validation or for tests, as far as its name says so. */
final class DeclaredSplits {
    private DeclaredSplits() {}

    /** Returns the files with the splits that they are for. Those of other splits are left out. */
    static Map<String, @Nullable String> of(String config, Map<String, Set<String>> files) {
        Map<String, String> declared = new LinkedHashMap<>(); // by the split that each is for
        for (String exact : files.keySet()) {
            String split = HubParquet.isSplit(exact) ? HubParquet.split(exact) : null;
            if (split != null) {
                add(declared, split, exact, config);
            }
        }
        if (declared.isEmpty()) {
            for (String like : files.keySet()) {
                String split = HubParquet.split(like);
                if (split != null) {
                    add(declared, split, like, config);
                }
            }
        }
        boolean heldOut = declared.keySet().stream().anyMatch(split -> !split.equals("train"));
        Map<String, @Nullable String> splits = new LinkedHashMap<>();
        if (declared.isEmpty()) {
            if (files.size() > 1) {
                throw new ImportFailure(
                        "ambiguous_splits",
                        "No split of the configuration '%s' is called train, validation or test, but %s. Download the files, and upload those that you need."
                                .formatted(Problem.quote(config), quoted(files.keySet())));
            }
            files.values().iterator().next().forEach(file -> splits.put(file, null));
        }
        declared.forEach((split, name) -> files.getOrDefault(name, Set.of()).forEach(file -> {
            if (splits.containsKey(file)) {
                throw HubReadme.malformed("'%s' is in several splits".formatted(Problem.quote(file)));
            }
            splits.put(file, heldOut ? split : null);
        }));
        for (String file : splits.keySet()) {
            if (!file.endsWith(HubParquet.SUFFIX)) {
                throw new ImportFailure(
                        "no_parquet",
                        "The configuration '%s' of the dataset has the file '%s', which is not Parquet. Download its files, and upload them here."
                                .formatted(Problem.quote(config), Problem.quote(file)));
            }
        }
        return HubParquet.limited(splits);
    }

    private static void add(Map<String, String> declared, String split, String name, String config) {
        String other = declared.putIfAbsent(split, name);
        if (other != null) {
            throw new ImportFailure(
                    "ambiguous_splits",
                    "Several splits of the configuration '%s' are for %s: %s. Download the files, and upload those that you need."
                            .formatted(
                                    Problem.quote(config),
                                    split.equals("train") ? "training" : split.equals("test") ? "tests" : "validation",
                                    quoted(List.of(other, name))));
        }
    }

    private static String quoted(Collection<String> names) {
        return String.join(", ", names.stream().limit(20).map(Problem::quote).toList());
    }
}
