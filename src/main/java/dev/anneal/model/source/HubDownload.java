package dev.anneal.model.source;

import dev.anneal.files.DiskRoom;
import dev.anneal.files.NoRoomException;
import dev.anneal.transformer.format.HuggingFaceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloads the files of a model into a directory. An incomplete file is called {@code *.part}; its download resumes where
 * it ended, also after a restart of the server. A complete file has been verified.
 */
public class HubDownload {
    private static final Logger log = LoggerFactory.getLogger(HubDownload.class);

    private final Hub hub;
    private final ImportSettings settings;
    private final DownloadState transfer;
    private final Path directory;

    public HubDownload(Hub hub, ImportSettings settings, DownloadState transfer, Path directory) {
        this.hub = hub;
        this.settings = settings;
        this.transfer = transfer;
        this.directory = directory;
    }

    /** Returns the list of files; retries like a download. */
    public static Hub.Listing list(Hub hub, HubSource source, ImportSettings settings, DownloadState transfer) {
        for (int failures = 1; ; failures++) {
            try {
                return hub.list(source, transfer);
            } catch (IOException e) {
                transfer.check();
                waitAfter(e, failures, settings, transfer, "the list of files");
            }
        }
    }

    /**
     * Downloads the files of a model.
     *
     * @param beforeWeights gets the bytes of the weights, as far as they are known, before these are downloaded; it may throw
     */
    public void downloadAll(Hub.Listing listing, LongConsumer beforeWeights) throws IOException {
        long max = settings.maxBytes().toBytes();
        List<HubFile> small =
                find(listing, ModelFileFilter.settings(listing.files().keySet()));
        requireAllowedSize(
                listing.files().values().stream()
                        .filter(file -> file.name().equals(HuggingFaceFiles.WEIGHTS))
                        .toList(),
                max,
                listing.kind());
        try (DiskRoom room = DiskRoom.reserve(directory, missing(small))) {
            HubFileDownload download = new HubFileDownload(hub, listing, settings, transfer, directory, room);
            for (HubFile file : small) {
                download.download(file, ModelFileFilter.maxBytes(file.name()));
            }
            ModelFileFilter.refuseCode(directory);
            List<HubFile> weights =
                    find(listing, ModelFileFilter.weights(listing.files().keySet(), directory));
            List<HubFile> all = new ArrayList<>(small);
            all.addAll(weights);
            requireAllowedSize(all, max, listing.kind());
            beforeWeights.accept(weights.stream()
                    .mapToLong(file -> Objects.requireNonNullElse(file.size(), 0L))
                    .sum());
            room.add(missing(weights));
            if (all.stream().allMatch(file -> file.size() != null)) {
                transfer.total(all.stream().mapToLong(HubFile::knownSize).sum());
            }
            for (HubFile file : weights) {
                download.download(file, max);
            }
        } catch (NoRoomException full) {
            throw ImportFailure.diskFull();
        }
        transfer.file(null);
    }

    /**
     * Downloads some of the files. Their sum is at most so many bytes.
     *
     * @return the files in the directory, in the order of their names
     * @throws NoRoomException if the disk is full, which is no fault of the source
     */
    public List<Path> download(Hub.Listing listing, List<String> names, long max) throws IOException {
        List<HubFile> files = find(listing, names);
        requireAllowedSize(files, max, listing.kind());
        List<Path> paths = new ArrayList<>();
        try (DiskRoom room = DiskRoom.reserve(directory, missing(files))) {
            transfer.total(files.stream()
                    .mapToLong(file -> Objects.requireNonNullElse(file.size(), 0L))
                    .sum());
            HubFileDownload download = new HubFileDownload(hub, listing, settings, transfer, directory, room);
            long left = max;
            for (HubFile file : files) {
                Path path = download.download(file, left);
                left -= Files.size(path);
                paths.add(path);
            }
        }
        transfer.file(null);
        return paths;
    }

    private static List<HubFile> find(Hub.Listing listing, Collection<String> names) {
        return names.stream()
                .map(name -> Objects.requireNonNull(listing.files().get(name), name))
                .toList();
    }

    /** Returns how many bytes of the files are known to be missing. */
    private long missing(List<HubFile> files) throws IOException {
        long missing = 0;
        for (HubFile file : files) {
            long size = Objects.requireNonNullElse(file.size(), 0L);
            boolean isThere = Files.exists(HubFileDownload.whole(directory, file));
            missing += isThere ? 0 : Math.max(0, size - HubFileDownload.sizeOf(HubFileDownload.part(directory, file)));
        }
        return missing;
    }

    private static void requireAllowedSize(List<HubFile> files, long max, HubKind kind) {
        long bytes = 0;
        for (HubFile file : files) {
            bytes = Math.addExact(bytes, Objects.requireNonNullElse(file.size(), 0L));
        }
        if (bytes > max) {
            throw new ImportFailure(
                    kind.tooLarge(),
                    "The %s has at least %,d bytes. This server accepts at most %,d (%s)."
                            .formatted(
                                    kind.title(),
                                    bytes,
                                    max,
                                    kind == HubKind.MODEL ? "anneal.import.max-bytes" : "anneal.upload.max-size"));
        }
    }

    /** Waits before the next try; throws if there were too many. */
    static void waitAfter(IOException e, int failures, ImportSettings settings, DownloadState transfer, String what) {
        if (failures > settings.retries()) {
            throw new ImportFailure(
                    "hub_unreachable",
                    "The hub could not be read in %d tries in a row (%s: %s). Try again later."
                            .formatted(failures, what, e.getMessage() == null ? "connection lost" : e.getMessage()));
        }
        Duration backoff = settings.backoff().multipliedBy(1L << Math.min(failures - 1, 5));
        Duration wait = e instanceof Hub.Busy busy && busy.after != null ? busy.after : backoff;
        log.info("{}: {}; trying again in {} ms", what, e.getMessage(), wait.toMillis());
        transfer.pause(wait);
    }
}
