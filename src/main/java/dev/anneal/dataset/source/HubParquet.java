package dev.anneal.dataset.source;

import dev.anneal.model.source.ImportFailure;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Parquet files of a repository, and their splits. Repositories name them as Hugging Face's datasets expect:
 * {@code data/train-00000-of-00002.parquet}, {@code config/train-….parquet}, or {@code config/train/0000.parquet}.
 */
final class HubParquet {
    private static final String SUFFIX = ".parquet";
    private static final Pattern SPLIT =
            Pattern.compile("(?<![A-Za-z0-9])(train|training|validation|valid|val|dev|test|testing|eval|evaluation)"
                    + "(?![A-Za-z0-9])");
    private static final String DATA = "data";
    private static final String DEFAULT = "default";

    private HubParquet() {}

    static boolean isIn(Collection<String> names) {
        return names.stream().anyMatch(name -> name.endsWith(SUFFIX));
    }

    /** Returns the files of a configuration in order, each with its split, or null if none has one. Other splits are left out. */
    static Map<String, @Nullable String> select(Collection<String> names, @Nullable String config) {
        List<String> files =
                names.stream().filter(name -> name.endsWith(SUFFIX)).sorted().toList();
        if (files.isEmpty()) {
            throw new ImportFailure(
                    "no_parquet",
                    "The dataset has no Parquet files at the hub. Download its files, and upload them here.");
        }
        String chosen = config(files, config);
        List<String> own = files.stream()
                .filter(name -> chosen.isEmpty() || name.startsWith(chosen + "/"))
                .toList();
        Map<String, @Nullable String> splits = new LinkedHashMap<>();
        for (String name : own) {
            String split = split(name.substring(chosen.isEmpty() ? 0 : chosen.length() + 1));
            if (split != null) {
                splits.put(name, split);
            }
        }
        if (splits.isEmpty()) {
            own.forEach(name -> splits.put(name, null));
        }
        return splits;
    }

    /** Returns the folder of the configuration, empty if there is only one configuration. */
    private static String config(List<String> files, @Nullable String asked) {
        SortedSet<String> folders = new TreeSet<>();
        boolean outside = false;
        for (String name : files) {
            int slash = name.indexOf('/');
            String folder = slash < 0 ? "" : name.substring(0, slash);
            if (folder.isEmpty() || split(folder) != null) {
                outside = true; // data is not in folders of configurations
            } else {
                folders.add(folder);
            }
        }
        if (asked != null) {
            if (folders.contains(asked)) {
                return asked;
            }
            if (asked.equals(DEFAULT) && (outside || folders.size() == 1)) {
                return outside ? "" : folders.first();
            }
            throw new ImportFailure(
                    "unknown_config",
                    "The dataset has no configuration '%s'. %s".formatted(Problem.quote(asked), list(folders)));
        }
        if (outside || folders.size() == 1) {
            return outside ? "" : folders.first();
        }
        for (String usual : List.of(DEFAULT, DATA)) {
            if (folders.contains(usual)) {
                return usual;
            }
        }
        throw new ImportFailure(
                "config_required", "The dataset has several configurations. Name one in 'config'. " + list(folders));
    }

    private static String list(SortedSet<String> folders) {
        List<String> shown =
                new ArrayList<>(folders.stream().limit(20).map(Problem::quote).toList());
        if (folders.size() > shown.size()) {
            shown.add("…");
        }
        return folders.isEmpty() ? "Leave out 'config'." : "It has " + String.join(", ", shown) + ".";
    }

    /** Returns the split that a path names last, or null if it names none. */
    private static @Nullable String split(String path) {
        Matcher matcher = SPLIT.matcher(path.toLowerCase());
        String found = null;
        while (matcher.find()) {
            found = matcher.group(1);
        }
        if (found == null) {
            return null;
        }
        return switch (found) {
            case "train", "training" -> "train";
            case "test", "testing", "eval", "evaluation" -> "test";
            default -> "validation";
        };
    }
}
