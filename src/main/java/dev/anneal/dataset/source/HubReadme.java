package dev.anneal.dataset.source;

import dev.anneal.model.source.ImportFailure;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The configurations that the README of a repository declares in its YAML header, as Hugging Face's datasets read them: which files
 * belong to which split. Without a declaration, {@link HubParquet} tells that from the names of the files.
 */
final class HubReadme {
    static final String NAME = "README.md";
    static final int MAX_BYTES = 4 << 20;
    static final HubReadme EMPTY = new HubReadme(new TreeMap<>(), null);

    private static final Pattern HEADER =
            Pattern.compile("\\A\\uFEFF?---[ \\t]*\\R(.*?)^---[ \\t]*$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern DECLARES = Pattern.compile("^configs[ \\t]*:", Pattern.MULTILINE);
    private static final int MAX_COMPARISONS = 1_000_000;
    private static final int MAX_PATTERN = 500;
    /** Files of a repository that are never rows, as for Hugging Face's datasets. */
    private static final Pattern NO_ROWS =
            Pattern.compile("(?:.*/)?(?:[._].*|README\\.md|config\\.json|dataset_infos?\\.json)");

    /** The files of a split. The split is null if the README names none. */
    private record Files(@Nullable String split, List<String> patterns) {}

    /**
     * A configuration.
     *
     * @param directory the folder of its files, which ends with a slash, or nothing
     * @param files empty if the names of the files in the directory tell the splits
     */
    private record Config(String directory, List<Files> files) {}

    private final SortedMap<String, Config> configs;
    private final @Nullable String byDefault;

    private HubReadme(SortedMap<String, Config> configs, @Nullable String byDefault) {
        this.configs = configs;
        this.byDefault = byDefault;
    }

    /** Reads a README. Throws if it declares configurations in a way that cannot be read: other files must not be read instead. */
    static HubReadme parse(String text) {
        Matcher header = HEADER.matcher(text);
        if (!header.find() || !DECLARES.matcher(header.group(1)).find()) {
            return EMPTY;
        }
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        Object root;
        try {
            root = new Yaml(new SafeConstructor(options)).load(header.group(1));
        } catch (YAMLException e) {
            throw malformed("it is not valid YAML");
        }
        SortedMap<String, Config> configs = new TreeMap<>();
        String byDefault = null;
        for (Object declared : list(map(root).get("configs"))) {
            Map<?, ?> config = map(declared);
            String name = config.get("config_name") == null ? HubParquet.DEFAULT : text(config.get("config_name"));
            configs.put(name, config(config));
            if (Boolean.TRUE.equals(config.get("default"))) {
                byDefault = name;
            }
        }
        return new HubReadme(configs, byDefault);
    }

    private static Config config(Map<?, ?> config) {
        String directory = config.get("data_dir") == null ? "" : text(config.get("data_dir"));
        directory = directory.replaceAll("^(\\./|/)+|/+$", "");
        Object data = config.get("data_files");
        List<Files> files = new ArrayList<>();
        if (data instanceof Map<?, ?> bySplit) {
            bySplit.forEach((split, patterns) -> files.add(new Files(text(split), patterns(patterns))));
        } else if (data != null) {
            List<String> withoutSplit = new ArrayList<>();
            for (Object each : data instanceof List<?> several ? several : List.of(data)) {
                if (each instanceof Map<?, ?> one) {
                    files.add(new Files(text(one.get("split")), patterns(one.get("path"))));
                } else {
                    withoutSplit.addAll(patterns(each));
                }
            }
            if (!withoutSplit.isEmpty()) {
                files.add(new Files(null, withoutSplit));
            }
        }
        return new Config(directory.isEmpty() ? "" : directory + "/", files);
    }

    private static List<String> patterns(@Nullable Object given) {
        List<String> patterns = new ArrayList<>();
        for (Object each : given instanceof List<?> several ? several : List.of(text(given))) {
            String pattern = text(each);
            if (pattern.length() > MAX_PATTERN
                    || pattern.contains("[")
                    || pattern.contains("{")
                    || pattern.contains("://")) {
                throw malformed("the path '%s' cannot be read".formatted(Problem.quote(pattern)));
            }
            patterns.add(pattern.startsWith("./") ? pattern.substring(2) : pattern);
        }
        return patterns;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw malformed("'configs' must be a list of objects");
    }

    private static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw malformed("'configs' must be a list of objects");
    }

    private static String text(@Nullable Object value) {
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return String.valueOf(value);
        }
        throw malformed("a name or a path in 'configs' is not a text");
    }

    private static ImportFailure malformed(String reason) {
        return new ImportFailure(
                "hub_malformed",
                "The README.md of the dataset declares which files belong to which configuration, but %s. Download the files, and upload them here."
                        .formatted(reason));
    }

    boolean isEmpty() {
        return configs.isEmpty();
    }

    /** Returns the configuration that is meant if the request names none, or null if the README does not say. */
    @Nullable
    String byDefault() {
        return byDefault;
    }

    /**
     * Returns the files of the configuration that is asked for, or of the default one, or of the only one.
     *
     * @param names all files of the repository
     */
    HubParquet.Selection select(Collection<String> names, @Nullable String asked) {
        String chosen = asked != null
                ? asked
                : byDefault != null ? byDefault : HubParquet.only(new TreeSet<>(configs.keySet()));
        Config config = configs.get(chosen);
        if (config == null) {
            throw HubParquet.unknown(chosen, new TreeSet<>(configs.keySet()));
        }
        String shown = asked == null && configs.size() == 1 ? null : chosen;
        if (config.files().isEmpty()) {
            List<String> inDirectory = names.stream()
                    .filter(name -> name.startsWith(config.directory()))
                    .toList();
            return new HubParquet.Selection(
                    shown, HubParquet.select(inDirectory, null).splits());
        }
        return new HubParquet.Selection(shown, splits(chosen, files(config, names)));
    }

    /** Returns the files of each split that is declared. */
    private static Map<String, Set<String>> files(Config config, Collection<String> names) {
        long patterns = config.files().stream()
                .mapToLong(files -> files.patterns().size())
                .sum();
        if (patterns * names.size() > MAX_COMPARISONS) {
            throw malformed("it names too many paths");
        }
        Map<String, Set<String>> found = new LinkedHashMap<>();
        for (Files files : config.files()) {
            Set<String> ofSplit =
                    found.computeIfAbsent(files.split() == null ? "" : files.split(), split -> new LinkedHashSet<>());
            for (String pattern : files.patterns()) {
                Glob glob = new Glob(config.directory() + pattern);
                List<String> matching = names.stream()
                        .filter(name -> !NO_ROWS.matcher(name).matches() && glob.matches(name))
                        .sorted()
                        .toList();
                if (matching.isEmpty()) {
                    throw malformed("there is no file '%s'".formatted(Problem.quote(config.directory() + pattern)));
                }
                ofSplit.addAll(matching);
            }
        }
        return found;
    }

    /** Returns the files with the splits that they are for. Those of other splits are left out. */
    private static Map<String, @Nullable String> splits(String config, Map<String, Set<String>> files) {
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
                throw malformed("'%s' is in several splits".formatted(Problem.quote(file)));
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
