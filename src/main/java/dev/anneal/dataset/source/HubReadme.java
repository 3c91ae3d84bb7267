package dev.anneal.dataset.source;

import dev.anneal.model.source.ImportFailure;
import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

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

    /** A bound for the memory that the header takes as objects. */
    private static final int MAX_HEADER = 1 << 20;

    /** The characters of a name, a folder or a path. */
    private static final int MAX_TEXT = 500;

    private static final int MAX_PATTERNS = 10_000;

    /** The characters of all patterns, times those of all paths that are compared with each. That takes seconds. */
    private static final long MAX_STEPS = 1_000_000_000;

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

    /** The configurations as they are written. One that cannot be read must not refuse the others. */
    private final SortedMap<String, Map<?, ?>> configs;

    private final @Nullable String byDefault;

    private HubReadme(SortedMap<String, Map<?, ?>> configs, @Nullable String byDefault) {
        this.configs = configs;
        this.byDefault = byDefault;
    }

    /** Reads a README. Throws if it declares configurations in a way that cannot be read: other files must not be read instead. */
    static HubReadme parse(String text) {
        Matcher header = HEADER.matcher(text);
        if (!header.find() || !DECLARES.matcher(header.group(1)).find()) {
            return EMPTY;
        }
        SortedMap<String, Map<?, ?>> configs = new TreeMap<>();
        String byDefault = null;
        for (Object declared : list(map(load(header.group(1))).get("configs"))) {
            Map<?, ?> config = map(declared);
            String name = config.get("config_name") == null ? HubParquet.DEFAULT : text(config.get("config_name"));
            configs.put(name, config);
            if (Boolean.TRUE.equals(config.get("default"))) {
                byDefault = name;
            }
        }
        return new HubReadme(configs, byDefault);
    }

    private static @Nullable Object load(String header) {
        if (header.length() > MAX_HEADER) {
            throw malformed("its header has more than %,d characters".formatted(MAX_HEADER));
        }
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(0); // a few aliases of long lists stand for millions of values
        try {
            return new Yaml(new SafeConstructor(options)).load(header);
        } catch (
                RuntimeException
                        e) { // snakeyaml throws a YAMLException, but others for values that do not have their tags
            throw malformed(
                    String.valueOf(e.getMessage()).contains("aliases")
                            ? "its YAML has an alias of a list or an object, such as *name, which is not read"
                            : "it is not valid YAML");
        }
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
            if (pattern.contains("[") || pattern.contains("{") || pattern.contains("://")) {
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
        if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
            throw malformed("a name or a path in 'configs' is not a text");
        }
        String text = String.valueOf(value);
        if (text.length() > MAX_TEXT) {
            throw malformed("a name or a path in 'configs' has more than %d characters".formatted(MAX_TEXT));
        }
        return text;
    }

    static ImportFailure malformed(String reason) {
        return new ImportFailure(
                "hub_malformed",
                "The README.md of the dataset declares which files belong to which configuration, but %s. Download the files, and upload them here."
                        .formatted(reason));
    }

    boolean isEmpty() {
        return configs.isEmpty();
    }

    /** Returns whether the README declares a configuration, or any if the request names none. */
    boolean declares(@Nullable String config) {
        return config == null ? !isEmpty() : configs.containsKey(config);
    }

    /** Returns the configuration that is asked for, or the default one, or the only one. */
    String chosen(@Nullable String asked) {
        String named = asked == null ? byDefault : asked;
        return named == null ? HubParquet.only(new TreeSet<>(configs.keySet())) : named;
    }

    /** Returns the configuration that was chosen, or null if the README declares only one and the request names none. */
    @Nullable
    String shown(@Nullable String asked) {
        return asked == null && configs.size() == 1 ? null : chosen(asked);
    }

    /** Returns the splits that a configuration declares. Files without one are for training. */
    Set<String> splits(String config) {
        return declared(config).files().stream()
                .map(files -> Objects.requireNonNullElse(files.split(), "train"))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Config declared(String name) {
        Map<?, ?> declared = configs.get(name);
        if (declared == null) {
            throw HubParquet.unknown(name, new TreeSet<>(configs.keySet()));
        }
        return config(declared);
    }

    /**
     * Returns the files of the configuration that is asked for, or of the default one, or of the only one.
     *
     * @param names all files of the repository
     * @param check throws if the files are not needed any more
     */
    HubParquet.Selection select(Collection<String> names, @Nullable String asked, Runnable check) {
        String chosen = chosen(asked);
        Config config = declared(chosen);
        String shown = shown(asked);
        if (config.files().isEmpty()) {
            List<String> inDirectory = names.stream()
                    .filter(name -> name.startsWith(config.directory()))
                    .toList();
            return new HubParquet.Selection(
                    shown, HubParquet.select(inDirectory, null).splits());
        }
        return new HubParquet.Selection(shown, DeclaredSplits.of(chosen, files(config, names, check)));
    }

    /** Returns the files of each split that is declared. */
    private static Map<String, Set<String>> files(Config config, Collection<String> names, Runnable check) {
        SortedSet<String> all = new TreeSet<>(names);
        all.removeIf(name -> NO_ROWS.matcher(name).matches());
        long characters = all.stream().mapToLong(String::length).sum();
        int patterns = 0;
        long steps = 0;
        Map<String, Set<String>> found = new LinkedHashMap<>();
        for (Files files : config.files()) {
            Set<String> ofSplit =
                    found.computeIfAbsent(files.split() == null ? "" : files.split(), split -> new LinkedHashSet<>());
            for (String given : files.patterns()) {
                check.run();
                String pattern = config.directory() + given;
                boolean isPath = Glob.isPath(pattern);
                steps += isPath ? 0 : pattern.length() * characters;
                if (++patterns > MAX_PATTERNS || steps > MAX_STEPS) {
                    throw malformed("it names too many paths");
                }
                Collection<String> matching =
                        isPath ? all.contains(pattern) ? List.of(pattern) : List.of() : matching(pattern, all);
                if (matching.isEmpty()) {
                    throw malformed("there is no file '%s'".formatted(Problem.quote(pattern)));
                }
                ofSplit.addAll(matching);
            }
        }
        return found;
    }

    private static List<String> matching(String pattern, Collection<String> names) {
        Glob glob = new Glob(pattern);
        return names.stream().filter(glob::matches).toList();
    }
}
