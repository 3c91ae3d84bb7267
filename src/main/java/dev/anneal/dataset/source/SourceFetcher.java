package dev.anneal.dataset.source;

import dev.anneal.files.DurableFiles;
import dev.anneal.json.Json;
import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.Hub;
import dev.anneal.model.source.HubDownload;
import dev.anneal.model.source.HubSettings;
import dev.anneal.model.source.HubSource;
import dev.anneal.model.source.ImportFailure;
import dev.anneal.model.source.ImportSettings;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Fetches the files of a dataset into a directory. All calls go through the outbound guard, within bounds of size and time. */
@Component
public class SourceFetcher {
    /** A file that was fetched; {@code split} is that of all its rows, or null. */
    public record File(String name, @Nullable String split, Path path) {}

    /**
     * The files of a source, and where they come from.
     *
     * @param source a URL without its query, which may hold a secret, or a repository and its configuration
     * @param revision the commit of a repository, null for a URL
     */
    public record Fetched(String source, @Nullable String revision, List<File> files) {}

    private static final int CONNECTIONS = 8;

    private final Hub hub;
    private final HubSettings hubSettings;
    private final ImportSettings imports;
    private final OutboundGuard guard;
    private final OutboundHttp http;
    private final SourceSettings settings;
    private final UploadSettings uploads;
    private final MeterRegistry meters;
    private final Counter bytes;

    SourceFetcher(
            Hub hub,
            HubSettings hubSettings,
            ImportSettings imports,
            OutboundGuard guard,
            SourceSettings settings,
            UploadSettings uploads,
            MeterRegistry meters) {
        this.hub = hub;
        this.hubSettings = hubSettings;
        this.imports = imports;
        this.guard = guard;
        this.http = new OutboundHttp(guard, Duration.ofSeconds(15), settings.stall(), CONNECTIONS);
        this.settings = settings;
        this.uploads = uploads;
        this.meters = meters;
        this.bytes =
                Counter.builder("anneal.datasets.fetched").baseUnit("bytes").register(meters);
    }

    @PreDestroy
    void close() {
        http.close();
    }

    /**
     * Returns the source that a form names. Throws a problem if the server must not fetch from it.
     *
     * @param project the project whose request is checked, null if it was
     */
    public DatasetSource source(Map<String, String> form, @Nullable String project) {
        ObjectNode given = Json.MAPPER.createObjectNode();
        for (String field : DatasetSource.FIELDS) {
            String value = form.getOrDefault(field, "");
            if (!value.isEmpty()) {
                given.put(field, value);
            }
        }
        JsonFields fields = new JsonFields(given);
        DatasetSource source = DatasetSource.read(fields, guard, project);
        fields.done();
        checkAllowed(Objects.requireNonNull(source, "done() refuses a request without a source"));
        return source;
    }

    private void checkAllowed(DatasetSource source) {
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
        return new DownloadState(count -> {
            bytes.increment(count);
            if (System.nanoTime() > end) {
                throw new ImportFailure(
                        "source_too_slow",
                        "The files were not there after %s (anneal.source.max-time). Try again later, or upload them."
                                .formatted(settings.maxTime()
                                        .toString()
                                        .substring(2)
                                        .toLowerCase()));
            }
        });
    }

    /**
     * Fetches the files, which are called 0, 1 and so on then. Throws a problem if that cannot succeed.
     *
     * @param directory what an interrupted fetch of the same source left in it is used
     */
    public Fetched fetch(DatasetSource source, Path directory, DownloadState state) throws IOException {
        long begin = System.nanoTime();
        String result = "failed";
        try {
            HubSource repository = source.hub();
            Fetched fetched = repository == null
                    ? fetch(Objects.requireNonNull(source.url()), directory, state)
                    : fetch(repository, source, directory, state);
            result = "fetched";
            return fetched;
        } catch (DownloadState.Stopped stopped) {
            result = "stopped";
            throw stopped;
        } catch (ImportFailure failure) {
            result = "refused";
            throw Problem.invalid("source", failure.code(), failure.getMessage());
        } finally {
            meters.timer("anneal.datasets.fetch", "result", result)
                    .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        }
    }

    private Fetched fetch(URI url, Path directory, DownloadState state) {
        Path file = directory.resolve("0");
        String name = new WebFile(http, guard, settings, state)
                .fetch(url, file, uploads.maxSize().toBytes());
        String address = url.toString().replaceAll("[?#].*", "");
        return new Fetched(address, null, List.of(new File(name, null, file)));
    }

    private Fetched fetch(HubSource repository, DatasetSource source, Path directory, DownloadState state)
            throws IOException {
        Hub.Listing listing = HubDownload.list(hub, repository, imports, state);
        HubReadme readme = readme(listing, directory, state);
        HubParquet.Selection selection;
        if (source.isDefaultRevision() && !haveParquet(source, listing, readme, state)) {
            Hub.Listing own = listing;
            listing = converted(repository, state, own);
            selection = listing == own
                    ? select(source, own, readme, state) // says what is not Parquet
                    : ConvertedParquet.select(listing.files().keySet(), readme, source.config());
        } else {
            selection = select(source, listing, readme, state);
        }
        List<String> names = List.copyOf(selection.splits().keySet());
        Path work = workOf(directory, listing.commit());
        List<Path> paths = new HubDownload(hub, imports, state, work)
                .download(listing, names, uploads.maxSize().toBytes());
        List<File> files = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Path file = directory.resolve(String.valueOf(i));
            Files.move(paths.get(i), file, StandardCopyOption.ATOMIC_MOVE);
            files.add(new File(names.get(i), selection.splits().get(names.get(i)), file));
        }
        DurableFiles.delete(work);
        String config = selection.config() == null ? "" : "/" + selection.config();
        return new Fetched(repository + config, listing.commit(), files);
    }

    private static HubParquet.Selection select(
            DatasetSource source, Hub.Listing listing, HubReadme readme, DownloadState state) {
        return readme.isEmpty()
                ? HubParquet.select(listing.files().keySet(), source.config())
                : readme.select(listing.files().keySet(), source.config(), state::check);
    }

    /** Returns whether the files that are asked for are Parquet. Other files of a repository may be, although these are not. */
    private static boolean haveParquet(
            DatasetSource source, Hub.Listing listing, HubReadme readme, DownloadState state) {
        if (!HubParquet.isIn(listing.files().keySet())) {
            return false;
        }
        try {
            select(source, listing, readme, state);
            return true;
        } catch (ImportFailure refused) {
            return !refused.code().equals("no_parquet");
        }
    }

    /**
     * Reads what the README of a repository declares about its files. It lies apart from them: those that an earlier attempt left may
     * be of another commit.
     */
    private HubReadme readme(Hub.Listing listing, Path directory, DownloadState state) throws IOException {
        if (!listing.files().containsKey(HubReadme.NAME)) {
            return HubReadme.EMPTY;
        }
        Long size = listing.size(HubReadme.NAME);
        if (size != null && size > HubReadme.MAX_BYTES) {
            throw new ImportFailure(
                    "hub_malformed",
                    "The README.md of the dataset has %,d bytes, so it cannot be read. Download the files, and upload them here."
                            .formatted(size));
        }
        Path own = Files.createDirectories(directory.resolve("readme-" + listing.commit()));
        List<Path> file = new HubDownload(hub, imports, state, own)
                .download(listing, List.of(HubReadme.NAME), HubReadme.MAX_BYTES);
        return HubReadme.parse(new String(Files.readAllBytes(file.get(0)), StandardCharsets.UTF_8));
    }

    /** Returns the directory for the files of a commit, and deletes all others, such as those of a commit that an earlier attempt left. */
    private static Path workOf(Path directory, String commit) throws IOException {
        Path work = directory.resolve(commit);
        try (Stream<Path> earlier = Files.list(directory)) {
            for (Path other : earlier.filter(path -> !path.equals(work)).toList()) {
                DurableFiles.delete(other);
            }
        }
        return Files.createDirectories(work);
    }

    /** Returns the files that the hub made of those of the repository, or these if there are none. */
    private Hub.Listing converted(HubSource repository, DownloadState state, Hub.Listing otherwise) {
        try {
            HubSource converted = new HubSource(repository.kind(), repository.repository(), ConvertedParquet.BRANCH);
            return HubDownload.list(hub, converted, imports, state);
        } catch (ImportFailure failure) {
            if (failure.code().equals("hub_not_found")) {
                return otherwise;
            }
            throw failure;
        }
    }
}
