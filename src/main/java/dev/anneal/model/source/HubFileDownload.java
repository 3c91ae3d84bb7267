package dev.anneal.model.source;

import dev.anneal.files.ArrivingFile;
import dev.anneal.files.DiskRoom;
import dev.anneal.outbound.OutboundCall;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Downloads one file after the other of a repository. It tries again if the hub or the connection fails, but not if the disk does. */
final class HubFileDownload {
    private static final Logger log = LoggerFactory.getLogger(HubFileDownload.class);

    private final Hub hub;
    private final Hub.Listing listing;
    private final ImportSettings settings;
    private final DownloadState transfer;
    private final Path directory;
    private final DiskRoom room;

    HubFileDownload(
            Hub hub,
            Hub.Listing listing,
            ImportSettings settings,
            DownloadState transfer,
            Path directory,
            DiskRoom room) {
        this.hub = hub;
        this.listing = listing;
        this.settings = settings;
        this.transfer = transfer;
        this.directory = directory;
        this.room = room;
    }

    /** Returns the file, of at most so many bytes, and downloads what is missing of it. */
    Path download(HubFile file, long max) {
        Path whole = whole(directory, file);
        transfer.file(file.name());
        if (Files.exists(whole)) {
            transfer.count(sizeOf(whole));
            return whole;
        }
        Path part = part(directory, file);
        transfer.count(sizeOf(part));
        boolean resumed = sizeOf(part) > 0;
        int failures = 0;
        while (true) {
            transfer.check();
            long before = sizeOf(part);
            try {
                HubFile known = receive(file, part, max);
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
                HubDownload.waitAfter(dropped, failures, settings, transfer, file.name());
            }
        }
        return ArrivingFile.run(whole, () -> Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE));
    }

    private HubFile receive(HubFile listed, Path part, long max) throws IOException {
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
        transfer.count(start - sizeOf(part));
        long size = start;
        try (ArrivingFile out = new ArrivingFile(part, start, room)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                transfer.check();
                size += read;
                if (size > file.knownSize()) {
                    discard(part);
                    throw file.sizeDiffers(size);
                }
                out.write(buffer, read);
                transfer.received(read);
            }
            out.force();
        }
        if (size < file.knownSize()) {
            throw new IOException("the connection ended after " + size + " of " + file.size() + " bytes");
        }
    }

    /** Returns false if the hash is wrong and bytes of an earlier attempt may be the cause. */
    private boolean verify(HubFile file, Path part, boolean resumed) {
        String expected = file.hash();
        if (expected == null) {
            if (file.name().endsWith(".safetensors")) {
                throw new ImportFailure(
                        "hub_hash_missing",
                        "The hub gives no hash for '" + file.name() + "', so the file cannot be verified.");
            }
            return true;
        }
        String actual = ArrivingFile.run(part, () -> HubFile.hashOf(expected, part, transfer));
        if (actual.equals(expected)) {
            return true;
        }
        if (resumed) {
            return false;
        }
        discard(part);
        throw file.hashDiffers(actual);
    }

    private void discard(Path part) {
        long size = sizeOf(part);
        ArrivingFile.run(part, () -> Files.deleteIfExists(part));
        transfer.count(-size);
        room.putBack(size);
    }

    static Path whole(Path directory, HubFile file) {
        return directory.resolve(local(file.name()));
    }

    static Path part(Path directory, HubFile file) {
        return directory.resolve(local(file.name()) + ".part");
    }

    /** Returns the name of a file here, where all are in one directory. Names at the hub have no percent signs. */
    private static String local(String name) {
        return name.replace("/", "%2F");
    }

    static long sizeOf(Path file) {
        return ArrivingFile.run(file, () -> Files.exists(file) ? Files.size(file) : 0L);
    }
}
