package dev.anneal.dataset.source;

import dev.anneal.files.ArrivingFile;
import dev.anneal.files.DiskRoom;
import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.ImportFailure;
import dev.anneal.outbound.AddressRefused;
import dev.anneal.outbound.OutboundCall;
import dev.anneal.outbound.OutboundGuard;
import dev.anneal.outbound.OutboundHttp;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Fetches a file from a URL. It follows redirects itself, because each address must be checked. */
final class WebFile {
    private static final int MAX_REDIRECTS = 5;
    private static final Pattern FILE_NAME = Pattern.compile("(?i)filename=\"?([^\";]{1,200})\"?");

    private final OutboundHttp http;
    private final OutboundGuard guard;
    private final SourceSettings settings;
    private final DownloadState state;

    WebFile(OutboundHttp http, OutboundGuard guard, SourceSettings settings, DownloadState state) {
        this.http = http;
        this.guard = guard;
        this.settings = settings;
        this.state = state;
    }

    /**
     * Fetches the file, and returns its name.
     *
     * @throws dev.anneal.files.NoRoomException if the disk is full
     */
    String fetch(URI url, Path file, long max) {
        for (int failures = 1; ; failures++) {
            try {
                return receive(url, file, max);
            } catch (IOException e) {
                state.check();
                state.count(-size(file));
                delete(file);
                if (failures > settings.retries()) {
                    throw new ImportFailure(
                            "source_unreachable",
                            "The file could not be fetched in %d tries (%s). Check the URL, or try again later."
                                    .formatted(failures, e.getMessage() == null ? "connection lost" : e.getMessage()));
                }
                state.pause(settings.backoff().multipliedBy(1L << Math.min(failures - 1, 5)));
            }
        }
    }

    private static long size(Path file) {
        return ArrivingFile.run(file, () -> Files.exists(file) ? Files.size(file) : 0L);
    }

    /** Deletes what was received, so that it is not counted again if nothing is received next time. */
    private static void delete(Path file) {
        ArrivingFile.run(file, () -> Files.deleteIfExists(file));
    }

    private String receive(URI start, Path file, long max) throws IOException {
        URI url = start;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            state.check();
            OutboundCall call = http.get(url).header("Accept-Encoding", "identity");
            state.open(call);
            try {
                OutboundCall.Answer answer = send(call);
                if (answer.status() == 200) {
                    return save(start, answer, file, max);
                }
                url = redirect(url, answer);
            } finally {
                call.close();
                state.closed();
            }
        }
        throw new ImportFailure("source_redirects", "The URL has more than %d redirects.".formatted(MAX_REDIRECTS));
    }

    private static OutboundCall.Answer send(OutboundCall call) throws IOException {
        try {
            return call.send();
        } catch (AddressRefused refused) {
            throw new ImportFailure(
                    "address_refused",
                    "The URL leads to an address that is not allowed: " + refused.getMessage() + ".");
        }
    }

    /** Returns where the answer redirects to. Throws if it is another answer. */
    private URI redirect(URI from, OutboundCall.Answer answer) throws IOException {
        int status = answer.status();
        String location = answer.header("Location").orElse("");
        if (status / 100 == 3 && !location.isEmpty()) {
            try {
                URI to = from.resolve(location);
                if (OutboundGuard.isWeb(to) && DatasetSource.isSafe(to, guard)) {
                    return to;
                }
            } catch (IllegalArgumentException noUrl) {
                // falls through
            }
            throw new ImportFailure(
                    "address_refused", "The URL redirects to an address that is not allowed. It must be an https URL.");
        }
        if (status == 429 || status == 408 || status >= 500) {
            throw new IOException("the server returned status " + status);
        }
        throw new ImportFailure(
                "source_refused",
                "The URL returned status %d, not a file. Check that it can be read without signing in."
                        .formatted(status));
    }

    private String save(URI url, OutboundCall.Answer answer, Path file, long max) throws IOException {
        String type = answer.header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        if (type.startsWith("text/html")) {
            throw new ImportFailure(
                    "source_is_page", "The URL returned a web page, not a file. Use the address of the file itself.");
        }
        long length = answer.headers().number("Content-Length").orElse(-1);
        if (length > max) {
            throw tooLarge(max);
        }
        if (length >= 0) {
            state.total(length);
        }
        long size = 0;
        try (InputStream in = answer.body();
                DiskRoom room = reserve(file, Math.max(0, length));
                ArrivingFile out = new ArrivingFile(file, 0, room)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                state.check();
                size += read;
                if (size > max) {
                    throw tooLarge(max);
                }
                out.write(buffer, read);
                state.received(read);
            }
        }
        if (length >= 0 && size < length) {
            throw new IOException("the connection ended after %d of %d bytes".formatted(size, length));
        }
        return name(url, answer.header("Content-Disposition").orElse(null));
    }

    private static DiskRoom reserve(Path file, long bytes) {
        return ArrivingFile.run(file, () -> DiskRoom.inSteps(Objects.requireNonNull(file.getParent()), bytes));
    }

    private static ImportFailure tooLarge(long max) {
        return new ImportFailure(
                "source_too_large",
                "The file has more than %,d bytes, which this server does not accept (anneal.upload.max-size)."
                        .formatted(max));
    }

    /** Returns the name of the file: its end may tell the format. */
    private static String name(URI url, @Nullable String disposition) {
        Matcher given = FILE_NAME.matcher(disposition == null ? "" : disposition);
        String name = given.find() ? given.group(1).strip() : "";
        name = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return name.isEmpty() ? DatasetSource.fileName(url) : Problem.quote(name);
    }
}
