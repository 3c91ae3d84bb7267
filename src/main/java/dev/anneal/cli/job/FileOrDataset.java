package dev.anneal.cli.job;

import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.dataset.Upload;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A file to upload, or a dataset that is there; one of the two. */
record FileOrDataset(Optional<Path> file, Optional<JsonNode> there) {
    static boolean isFile(String word) {
        return !word.startsWith("ds_") && Files.exists(Path.of(word));
    }

    static FileOrDataset find(Api api, String word) throws IOException, InterruptedException {
        if (isFile(word)) {
            Upload.check(Path.of(word));
            return new FileOrDataset(Optional.of(Path.of(word)), Optional.empty());
        }
        Optional<String> id =
                word.startsWith("ds_") ? Optional.of(word) : Lookup.DATASET.find(api, word, new HashSet<>());
        if (id.isEmpty()) {
            throw new Failure("There is no file " + word + ", and no dataset of that name.");
        }
        return new FileOrDataset(Optional.empty(), Optional.of(api.get(Lookup.DATASET.path(id.get()))));
    }

    JsonNode dataset(Api api, Map<String, String> fields, Terminal terminal) throws IOException, InterruptedException {
        return there.isPresent() ? there.get() : Upload.send(api, file.get(), fields, terminal);
    }
}
