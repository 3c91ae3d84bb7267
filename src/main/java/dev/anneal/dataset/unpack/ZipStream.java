package dev.anneal.dataset.unpack;

import dev.anneal.web.Problem;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files in a zip in their order, one at a time, and limits what they unpack to. No name in a zip is ever a path on
 * this machine.
 */
public final class ZipStream implements Closeable {
    private final CountedInput packed;
    private final ZipArchiveInputStream zip;
    private final UnpackLimit limit;
    private final InputStream content = new Content();
    private boolean inFile;
    private long unpacked;

    public ZipStream(Path file, UnpackLimit limit) throws IOException {
        this.packed = new CountedInput(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        this.zip = new ZipArchiveInputStream(packed, "UTF-8", true, false);
        this.limit = limit;
    }

    /** Returns whether a file begins as a zip does. */
    public static boolean isZip(byte[] start) {
        return Encoding.begins(start, 'P', 'K', 3, 4) || Encoding.begins(start, 'P', 'K', 5, 6);
    }

    /** Moves to the next file, and returns its name. Returns null after the last one. */
    public @Nullable String next() throws IOException {
        try {
            while (true) {
                if (inFile) {
                    content.transferTo(java.io.OutputStream.nullOutputStream());
                }
                ZipArchiveEntry entry = zip.getNextEntry();
                inFile = entry != null;
                if (entry == null) {
                    return null;
                }
                if (!zip.canReadEntryData(entry)) {
                    throw Problem.unprocessable(
                            "unsupported_zip",
                            "The file '%s' in the zip is encrypted, or compressed in a way that is not supported. Zip the"
                                            .formatted(Problem.quote(entry.getName()))
                                    + " files again without a password.");
                }
                if (!entry.isDirectory()) {
                    return entry.getName();
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    /** Returns the bytes of the current file. Closing them has no effect. */
    public InputStream content() {
        return content;
    }

    private Problem damaged(Exception e) {
        if (packed.failed() && e instanceof IOException io) {
            throw new UncheckedIOException(io); // a parser above would take an IOException for invalid content
        }
        return Problem.unprocessable("corrupt_file", "The zip is damaged or incomplete. Zip the files again.");
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    private final class Content extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int n;
            try {
                n = zip.read(bytes, from, length);
            } catch (IOException | IllegalArgumentException e) {
                throw damaged(e);
            }
            unpacked += Math.max(0, n);
            limit.check(unpacked, packed.count());
            return n;
        }
    }
}
