package dev.anneal.model.source;

import dev.anneal.files.DiskSpace;
import dev.anneal.outbound.OutboundCall;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    public void downloadAll(Hub.Listing listing) throws IOException {
        Map<String, HubFile> files = new HashMap<>(listing.files());
        requireRoom(
                files.values().stream()
                        .filter(file -> file.name().equals(HuggingFaceFiles.WEIGHTS))
                        .toList(),
                settings.maxBytes().toBytes(),
                listing.kind());
        List<String> settingsFiles = ModelFileFilter.settings(files.keySet());
        for (String name : settingsFiles) {
            download(listing, find(files, name), ModelFileFilter.maxBytes(name));
        }
        ModelFileFilter.refuseCode(directory);
        List<String> weights = ModelFileFilter.weights(files.keySet(), directory);
        List<HubFile> all = new ArrayList<>();
        settingsFiles.forEach(name -> all.add(find(files, name)));
        weights.forEach(name -> all.add(find(files, name)));
        requireRoom(all, settings.maxBytes().toBytes(), listing.kind());
        if (all.stream().allMatch(file -> file.size() != null)) {
            transfer.total(all.stream().mapToLong(HubFile::size).sum());
        }
        for (String name : weights) {
            download(listing, find(files, name), settings.maxBytes().toBytes());
        }
        transfer.file(null);
    }

    /**
     * Downloads some of the files. Their sum is at most so many bytes.
     *
     * @return the files in the directory, in the order of their names
     */
    public List<Path> download(Hub.Listing listing, List<String> names, long max) throws IOException {
        List<HubFile> files =
                names.stream().map(name -> find(listing.files(), name)).toList();
        requireRoom(files, max, listing.kind());
        transfer.total(files.stream()
                .mapToLong(file -> Objects.requireNonNullElse(file.size(), 0L))
                .sum());
        List<Path> paths = new ArrayList<>();
        long left = max;
        for (HubFile file : files) {
            download(listing, file, left);
            Path path = directory.resolve(local(file.name()));
            left -= Files.size(path);
            paths.add(path);
        }
        transfer.file(null);
        return paths;
    }

    private static HubFile find(Map<String, HubFile> files, String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    private void requireRoom(List<HubFile> files, long max, HubKind kind) throws IOException {
        long sum = 0;
        long missing = 0;
        for (HubFile file : files) {
            long size = file.size() == null ? 0 : file.size();
            sum = Math.addExact(sum, size);
            boolean there = Files.exists(directory.resolve(local(file.name())));
            missing += there ? 0 : size - sizeOf(part(file.name()));
        }
        requireAllowedSize(sum, max, kind);
        if (missing > 0 && missing > DiskSpace.of(directory)) {
            throw new ImportFailure(
                    ImportFailure.DISK_FULL,
                    "The disk has no room for the %,d bytes that remain to be downloaded. Free disk space, then import again."
                            .formatted(missing));
        }
    }

    private static void requireAllowedSize(long bytes, long max, HubKind kind) {
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

    private void download(Hub.Listing listing, HubFile file, long max) throws IOException {
        Path whole = directory.resolve(local(file.name()));
        transfer.file(file.name());
        if (Files.exists(whole)) {
            transfer.count(Files.size(whole));
            return;
        }
        Path part = part(file.name());
        transfer.count(sizeOf(part));
        boolean resumed = sizeOf(part) > 0;
        int failures = 0;
        while (true) {
            transfer.check();
            long before = sizeOf(part);
            try {
                HubFile known = receive(listing, file, part, max);
                if (verify(known, part, resumed)) {
                    break;
                }
                // A machine that crashed may have left a corrupt part. If the hash is wrong again, the hub is at fault.
                log.warn("{} does not have the hash {}; it is downloaded again", file.name(), known.hash());
                discard(part);
                resumed = false;
            } catch (IOException dropped) {
                transfer.check();
                failures = sizeOf(part) > before ? 1 : failures + 1;
                waitAfter(dropped, failures, settings, transfer, file.name());
            }
        }
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
    }

    private HubFile receive(Hub.Listing listing, HubFile listed, Path part, long max) throws IOException {
        if (listed.size() != null && sizeOf(part) > listed.size()) {
            discard(part);
        }
        long offset = sizeOf(part);
        // For a complete part the last byte is requested, because the headers of the answer may contain the hash.
        long from = listed.size() != null && offset == listed.size() && offset > 0 ? offset - 1 : offset;
        Hub.Answer answer = hub.open(listing, listed.name(), from, transfer);
        OutboundCall.Answer response = answer.response();
        try (InputStream in = response.body()) {
            transfer.open(in);
            if (response.status() == 416) {
                discard(part);
                throw new IOException("the hub has no bytes after byte " + from);
            }
            long start = start(response, from);
            HubFile file = complete(listed.with(answer), response, start);
            if (file.knownSize() > max) {
                throw tooLarge(file, max, listing.kind());
            }
            if (start == 0) {
                discard(part);
            }
            append(in, part, start, file);
            return file;
        } finally {
            transfer.closed();
        }
    }

    private static ImportFailure tooLarge(HubFile file, long max, HubKind kind) {
        return new ImportFailure(
                kind.tooLarge(),
                "'%s' has %,d bytes. At most %,d are allowed.".formatted(file.name(), file.size(), max));
    }

    /** Returns the offset at which the answer starts: the requested one, or 0 if the hub does not support ranges. */
    private static long start(OutboundCall.Answer response, long offset) throws IOException {
        if (response.status() == 200) {
            return 0;
        }
        String range = response.header("Content-Range").orElse("");
        if (!range.startsWith("bytes " + offset + "-")) {
            throw new IOException("the hub returned another range: " + Problem.quote(range));
        }
        return offset;
    }

    /** Returns the file with its size; throws if the size of the transfer differs. */
    private static HubFile complete(HubFile file, OutboundCall.Answer response, long start) {
        long length = response.headers().number("Content-Length").orElse(-1);
        Long whole = length < 0 ? null : Long.valueOf(start + length);
        if (file.size() == null && whole == null) {
            throw new ImportFailure("hub_malformed", "The hub does not give the size of '" + file.name() + "'.");
        }
        if (whole != null && file.size() != null && !whole.equals(file.size())) {
            throw file.sizeDiffers(whole);
        }
        return new HubFile(file.name(), file.size() == null ? whole : file.size(), file.hash());
    }

    private void append(InputStream in, Path part, long start, HubFile file) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            transfer.count(start - channel.size());
            channel.truncate(start);
            channel.position(start);
            OutputStream out = java.nio.channels.Channels.newOutputStream(channel);
            byte[] buffer = new byte[1 << 16];
            long size = start;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                transfer.check();
                size += read;
                if (size > file.knownSize()) {
                    discard(part);
                    throw file.sizeDiffers(size);
                }
                out.write(buffer, 0, read);
                transfer.received(read);
            }
            channel.force(true);
            if (size < file.knownSize()) {
                throw new IOException("the connection ended after " + size + " of " + file.size() + " bytes");
            }
        }
    }

    /** Returns false if the hash is wrong and bytes of an earlier attempt may be the cause. */
    private boolean verify(HubFile file, Path part, boolean resumed) throws IOException {
        String expected = file.hash();
        if (expected == null) {
            if (file.name().endsWith(".safetensors")) {
                throw new ImportFailure(
                        "hub_hash_missing",
                        "The hub gives no hash for '" + file.name() + "', so the file cannot be verified.");
            }
            return true;
        }
        String actual = HubFile.hashOf(expected, part, transfer);
        if (actual.equals(expected)) {
            return true;
        }
        if (resumed) {
            return false;
        }
        discard(part);
        throw file.hashDiffers(actual);
    }

    private static void waitAfter(
            IOException e, int failures, ImportSettings settings, DownloadState transfer, String what) {
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

    private void discard(Path part) throws IOException {
        transfer.count(-sizeOf(part));
        Files.deleteIfExists(part);
    }

    /** Returns the name of a file here, where all are in one directory. Names at the hub have no percent signs. */
    private static String local(String name) {
        return name.replace("/", "%2F");
    }

    private Path part(String name) {
        return directory.resolve(local(name) + ".part");
    }

    private static long sizeOf(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }
}
