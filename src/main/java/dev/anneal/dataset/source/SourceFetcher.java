package dev.anneal.dataset.source;

import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.Hub;
import dev.anneal.model.source.HubDownload;
import dev.anneal.model.source.HubSettings;
import dev.anneal.model.source.HubSource;
import dev.anneal.model.source.ImportFailure;
import dev.anneal.model.source.ImportSettings;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSettings;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Fetches the files of a dataset into a directory. All calls go through the outbound guard, within bounds of size and time. */
@Component
public class SourceFetcher {
    /** A file that was fetched; {@code split} is that of all its rows, or null. */
    public record Fetched(String name, @Nullable String split, Path path) {}

    /** The branch in which the hub keeps the Parquet files that it makes of other formats. */
    private static final String CONVERTED = "refs/convert/parquet";

    private static final int CONNECTIONS = 8;

    private final Hub hub;
    private final HubSettings hubSettings;
    private final ImportSettings imports;
    private final OutboundGuard guard;
    private final OutboundHttp http;
    private final SourceSettings settings;
    private final UploadSettings uploads;

    SourceFetcher(
            Hub hub,
            HubSettings hubSettings,
            ImportSettings imports,
            OutboundGuard guard,
            SourceSettings settings,
            UploadSettings uploads) {
        this.hub = hub;
        this.hubSettings = hubSettings;
        this.imports = imports;
        this.guard = guard;
        this.http = new OutboundHttp(guard, Duration.ofSeconds(15), settings.stall(), CONNECTIONS);
        this.settings = settings;
        this.uploads = uploads;
    }

    @PreDestroy
    void close() {
        http.close();
    }

    /** Refuses a repository that the settings do not allow. */
    public void checkAllowed(DatasetSource source) {
        HubSource repository = source.hub();
        if (repository != null && !hubSettings.allows(repository.repository())) {
            throw Problem.invalid(
                    "source",
                    "source_not_allowed",
                    "This server does not allow '" + repository + "'. Allowed (anneal.hub.allow): "
                            + String.join(", ", hubSettings.allow()) + ".");
        }
    }

    /** Returns the state of a fetch, which ends it if it takes too long. */
    public DownloadState state() {
        long end = System.nanoTime() + settings.maxTime().toNanos();
        return new DownloadState(bytes -> {
            if (System.nanoTime() > end) {
                throw new ImportFailure(
                        "source_too_slow",
                        "The files were not there after %s. Try again later, or upload them."
                                .formatted(settings.maxTime()
                                        .toString()
                                        .substring(2)
                                        .toLowerCase()));
            }
        });
    }

    /**
     * Fetches the files. Throws a problem if that cannot succeed.
     *
     * @param directory in which nothing else is
     */
    public List<Fetched> fetch(DatasetSource source, Path directory, DownloadState state) throws IOException {
        try {
            HubSource repository = source.hub();
            return repository == null
                    ? List.of(fetch(Objects.requireNonNull(source.url()), directory, state))
                    : fetch(repository, source, directory, state);
        } catch (ImportFailure failure) {
            throw Problem.invalid("source", failure.code(), failure.getMessage());
        }
    }

    private Fetched fetch(URI url, Path directory, DownloadState state) {
        Path file = directory.resolve("0");
        String name = new WebFile(http, guard, settings, state)
                .fetch(url, file, uploads.maxSize().toBytes());
        return new Fetched(name, null, file);
    }

    private List<Fetched> fetch(HubSource repository, DatasetSource source, Path directory, DownloadState state)
            throws IOException {
        Hub.Listing listing = HubDownload.list(hub, repository, imports, state);
        if (source.isDefaultRevision() && !HubParquet.isIn(listing.files().keySet())) {
            listing = converted(repository, state, listing);
        }
        Map<String, @Nullable String> splits = HubParquet.select(listing.files().keySet(), source.config());
        List<String> names = List.copyOf(splits.keySet());
        List<Path> paths = new HubDownload(hub, imports, state, directory)
                .download(listing, names, uploads.maxSize().toBytes());
        List<Fetched> files = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            files.add(new Fetched(names.get(i), splits.get(names.get(i)), paths.get(i)));
        }
        return files;
    }

    /** Returns the files that the hub made of those of the repository, or these if there are none. */
    private Hub.Listing converted(HubSource repository, DownloadState state, Hub.Listing otherwise) {
        try {
            HubSource converted = new HubSource(repository.kind(), repository.repository(), CONVERTED);
            return HubDownload.list(hub, converted, imports, state);
        } catch (ImportFailure none) {
            return otherwise;
        }
    }
}
