package dev.anneal.dataset.source;

import dev.anneal.model.source.ImportFailure;
import dev.anneal.web.Problem;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The Parquet files that the hub makes of the other files of a repository. It puts them into a folder for each split, in a folder for
 * each configuration: {@code config/split/0000.parquet}.
 */
final class ConvertedParquet {
    /** The branch in which the hub keeps them. */
    static final String BRANCH = "refs/convert/parquet";

    /** The hub begins the name of the folder so if it has converted only the first rows of a split. */
    private static final String PARTIAL = "partial-";

    private ConvertedParquet() {}

    /**
     * Returns the files of the configuration that is asked for, or of the default one, or of the only one. Throws if the hub has
     * converted only a part of it.
     *
     * @param names the files in the branch
     * @param readme what the repository declares about the files that were converted
     */
    static HubParquet.Selection select(Collection<String> names, HubReadme readme, @Nullable String asked) {
        HubParquet.Selection selection =
                readme.declares(asked) ? declared(names, readme, asked) : HubParquet.select(names, asked);
        for (String file : selection.splits().keySet()) {
            if (file.contains("/" + PARTIAL)) {
                throw new ImportFailure(
                        "partial_conversion",
                        "The hub has converted only the first rows of the dataset to Parquet, such as '%s'. Download the files of the dataset, and upload them here. To use only the first rows, set 'revision' to %s."
                                .formatted(Problem.quote(file), BRANCH));
            }
        }
        return selection;
    }

    private static HubParquet.Selection declared(Collection<String> names, HubReadme readme, @Nullable String asked) {
        String config = readme.chosen(asked);
        SortedSet<String> ofConfig = in(
                config + "/",
                names.stream()
                        .filter(name -> name.endsWith(HubParquet.SUFFIX))
                        .collect(Collectors.toCollection(TreeSet::new)));
        if (ofConfig.isEmpty()) {
            throw missing("the configuration '%s'".formatted(Problem.quote(config)));
        }
        Map<String, Set<String>> files = new LinkedHashMap<>();
        for (String split : readme.splits(config)) {
            Set<String> ofSplit = new TreeSet<>(in(config + "/" + split + "/", ofConfig));
            ofSplit.addAll(in(config + "/" + PARTIAL + split + "/", ofConfig));
            if (ofSplit.isEmpty()) {
                throw missing("the split '%s' of the configuration '%s'"
                        .formatted(Problem.quote(split), Problem.quote(config)));
            }
            files.put(split, ofSplit);
        }
        return new HubParquet.Selection(
                readme.shown(asked),
                files.isEmpty()
                        ? HubParquet.select(List.copyOf(ofConfig), null).splits()
                        : DeclaredSplits.of(config, files));
    }

    private static SortedSet<String> in(String folder, SortedSet<String> names) {
        return names.subSet(folder, folder + Character.MAX_VALUE);
    }

    private static ImportFailure missing(String what) {
        return new ImportFailure(
                "no_parquet",
                "The hub has not converted %s to Parquet. Download its files, and upload them here.".formatted(what));
    }
}
