package dev.anneal.dataset.source;

import dev.anneal.model.source.ImportFailure;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The Parquet files of a repository, their configurations and splits. Repositories name them as Hugging Face's datasets expect:
 * {@code data/train-00000-of-00002.parquet}, {@code config/train-….parquet}, or {@code config/train/0000.parquet}. Folders that are
 * not named after a split are the configuration.
 */
final class HubParquet {
    /**
     * The files of one configuration.
     *
     * @param config null if the repository has only one and the request names none
     * @param splits the files in order, each with its split, or null if none has one or all are for training
     */
    record Selection(@Nullable String config, Map<String, @Nullable String> splits) {}

    /** A file: its configuration, and what of its path tells the split. */
    private record Named(
            String file, String config, @Nullable String split) {}

    static final String SUFFIX = ".parquet";
    private static final String SPLITS = "train|training|validation|valid|val|dev|test|testing|eval|evaluation";
    private static final Pattern SPLIT = Pattern.compile("(?<![a-z0-9])(" + SPLITS + ")(?![a-z0-9])");

    /** A folder of a split. The hub calls it partial if it has converted only the first rows. */
    private static final Pattern SPLIT_FOLDER = Pattern.compile("(?i)(?:partial-)?(?:" + SPLITS + ")");

    private static final String DATA = "data/";
    static final String DEFAULT = "default";
    private static final int MAX_FILES = 1_000;
    private static final int MAX_SHOWN = 20;

    private HubParquet() {}

    static boolean isIn(Collection<String> names) {
        return names.stream().anyMatch(name -> name.endsWith(SUFFIX));
    }

    /**
     * Returns the files of the configuration that is asked for, or of the only one. Files of other splits are left out. If all files
     * are for training, their rows are split as those of an upload.
     */
    static Selection select(Collection<String> names, @Nullable String asked) {
        List<Named> files = names.stream()
                .filter(name -> name.endsWith(SUFFIX))
                .sorted()
                .map(HubParquet::named)
                .toList();
        if (files.isEmpty()) {
            throw new ImportFailure(
                    "no_parquet",
                    "The dataset has no Parquet files at the hub. Download its files, and upload them here.");
        }
        SortedMap<String, List<Named>> configs = files.stream()
                .collect(Collectors.groupingBy(Named::config, TreeMap::new, Collectors.toCollection(ArrayList::new)));
        SortedSet<String> usable = usable(configs);
        String chosen = asked == null ? only(usable) : find(configs.keySet(), usable, asked);
        List<Named> own = configs.getOrDefault(chosen, List.of());
        boolean haveSplits = own.stream().anyMatch(file -> file.split() != null);
        boolean heldOut = own.stream()
                .anyMatch(file -> file.split() != null && !file.split().equals("train"));
        Map<String, @Nullable String> splits = new LinkedHashMap<>();
        own.stream()
                .filter(file -> !haveSplits || file.split() != null)
                .forEach(file -> splits.put(file.file(), heldOut ? file.split() : null));
        return new Selection(asked == null && usable.size() == 1 ? null : shown(chosen), limited(splits));
    }

    /** Refuses too many files. */
    static Map<String, @Nullable String> limited(Map<String, @Nullable String> splits) {
        if (splits.size() > MAX_FILES) {
            throw new ImportFailure(
                    "too_many_files",
                    "The dataset has %,d Parquet files. At most %,d are allowed. Download them, and upload their rows in fewer files."
                            .formatted(splits.size(), MAX_FILES));
        }
        return splits;
    }

    private static Named named(String file) {
        List<String> config = new ArrayList<>();
        List<String> split = new ArrayList<>();
        String[] path = file.split("/");
        for (int i = 0; i < path.length; i++) {
            boolean tells =
                    i == path.length - 1 || SPLIT_FOLDER.matcher(path[i]).matches();
            (tells ? split : config).add(path[i]);
        }
        return new Named(file, String.join("/", config), split(String.join("/", split)));
    }

    /** Returns the configurations with splits, or all if none has any: a folder of another split looks like a configuration. */
    private static SortedSet<String> usable(Map<String, List<Named>> configs) {
        SortedSet<String> usable = new TreeSet<>();
        configs.forEach((config, files) -> {
            if (files.stream().anyMatch(file -> file.split() != null)) {
                usable.add(config);
            }
        });
        return usable.isEmpty() ? new TreeSet<>(configs.keySet()) : usable;
    }

    static String only(SortedSet<String> configs) {
        if (configs.size() == 1 || configs.contains(DEFAULT)) {
            return configs.size() == 1 ? configs.first() : DEFAULT;
        }
        throw new ImportFailure(
                "config_required",
                "The dataset has several configurations: %s. Name one in 'config', or after the repository, as in hf:org/name/%s."
                        .formatted(list(configs), Problem.quote(shown(configs.last()))));
    }

    private static String find(Collection<String> all, SortedSet<String> usable, String asked) {
        for (String name : List.of(asked, DATA + asked)) {
            if (all.contains(name)) {
                return name;
            }
        }
        if (asked.equals(DEFAULT) && (all.contains("") || usable.size() == 1)) {
            return all.contains("") ? "" : usable.first();
        }
        throw unknown(asked, usable);
    }

    static ImportFailure unknown(String asked, SortedSet<String> usable) {
        return new ImportFailure(
                "unknown_config",
                "The dataset has no configuration '%s'. %s"
                        .formatted(
                                Problem.quote(asked),
                                usable.size() == 1
                                        ? "It has only one. Leave out 'config'."
                                        : "It has " + list(usable) + "."));
    }

    private static String list(SortedSet<String> configs) {
        List<String> shown = new ArrayList<>(configs.stream()
                .limit(MAX_SHOWN)
                .map(config -> Problem.quote(shown(config)))
                .toList());
        if (configs.size() > MAX_SHOWN) {
            shown.add("…");
        }
        return String.join(", ", shown);
    }

    /** Returns the name of a configuration: files in no folder have one, too. */
    private static String shown(String config) {
        return config.isEmpty() ? DEFAULT : config.startsWith(DATA) ? config.substring(DATA.length()) : config;
    }

    /** Returns whether a name is that of a split, and nothing else. */
    static boolean isSplit(String name) {
        return SPLIT.matcher(name.toLowerCase()).matches();
    }

    /** Returns the split that a path names last, or null if it names none. */
    static @Nullable String split(String path) {
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
