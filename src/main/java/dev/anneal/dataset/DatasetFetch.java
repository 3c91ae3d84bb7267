package dev.anneal.dataset;

import dev.anneal.dataset.source.SourceFetcher;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.validation.ReceivedFiles;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.model.source.DownloadState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Fetches the files of a dataset from their source, into the directory in which uploaded files lie. */
@Component
class DatasetFetch {
    private final SourceFetcher fetcher;
    private final ReceivedFiles received;
    private final DatasetTransitions transitions;

    DatasetFetch(SourceFetcher fetcher, ReceivedFiles received, DatasetTransitions transitions) {
        this.fetcher = fetcher;
        this.received = received;
        this.transitions = transitions;
    }

    /** Fetches the files without a transaction, because that may take long. Then a server that stops need not fetch them again. */
    void fetch(Validation validation) throws IOException {
        String id = validation.dataset();
        var fields = validation.received().fields();
        DownloadState state = fetcher.state();
        validation.fetching(progress(state));
        SourceFetcher.Fetched fetched;
        try {
            fetched = fetcher.fetch(fetcher.source(fields, null), received.of(id), state);
        } catch (DownloadState.Stopped stopped) {
            throw new Validation.Stopped();
        }
        List<Received.File> files = new ArrayList<>();
        List<Path> paths = new ArrayList<>();
        for (SourceFetcher.File file : fetched.files()) {
            files.add(new Received.File(file.name(), file.split(), Files.size(file.path())));
            paths.add(file.path());
        }
        received.force(id);
        Received now = new Received(fields, files);
        if (!transitions.fetched(id, validation.attempt(), now, fetched.source(), fetched.revision())) {
            throw new Validation.Stopped();
        }
        validation.fetched(now, paths);
    }

    private static Validation.Fetch progress(DownloadState state) {
        return new Validation.Fetch() {
            @Override
            public void stop() {
                state.stop();
            }

            @Override
            public long readBytes() {
                return state.progress().downloadedBytes();
            }

            @Override
            public @Nullable Long totalBytes() {
                return state.progress().totalBytes();
            }
        };
    }
}
