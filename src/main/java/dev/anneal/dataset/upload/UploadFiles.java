package dev.anneal.dataset.upload;

import dev.anneal.files.DiskRoom;
import dev.anneal.files.DurableFiles;
import dev.anneal.files.FileLocks;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * The files of uploads. Parts are appended, so the offset of an upload is the size of its file. It survives the process, and is on the
 * disk before a client gets it in an answer.
 */
@Component
class UploadFiles {
    private static final Logger log = LoggerFactory.getLogger(UploadFiles.class);
    private static final String ALL = "parts";
    private static final String LOCK = ".lock";

    private final UploadDirectory directory;

    UploadFiles(UploadDirectory directory) {
        this.directory = directory;
    }

    Path of(String id) {
        return directory.file(ALL).resolve(id);
    }

    void create(String id) throws IOException {
        Path all = directory.directory(ALL);
        DurableFiles.forceOne(Files.createFile(all.resolve(id)));
        DurableFiles.forceOne(all);
    }

    /** Returns how many bytes are on the disk. Returns nothing if this server does not have the file. */
    Optional<Long> offset(String id) throws IOException {
        try (FileChannel file = FileChannel.open(of(id), StandardOpenOption.WRITE)) {
            file.force(true);
            return Optional.of(file.size());
        } catch (NoSuchFileException elsewhere) {
            return Optional.empty();
        }
    }

    /** Returns how many bytes there are, null if this server does not have the file. */
    @Nullable
    Long size(String id) {
        try {
            return Files.size(of(id));
        } catch (IOException elsewhere) {
            return null;
        }
    }

    /** Locks an upload, among all processes that share the directory. */
    FileLocks.Held lock(String id) throws IOException {
        return tryLock(id)
                .orElseThrow(
                        () -> new Problem(
                                HttpStatus.LOCKED,
                                "upload_locked",
                                "Another request sends a part of this upload or reads it. Wait until it ends, and ask for the offset."));
    }

    /** Does the same. Returns nothing if another request has the lock. */
    Optional<FileLocks.Held> tryLock(String id) throws IOException {
        return FileLocks.take(directory.directory(ALL).resolve(id + LOCK));
    }

    /** Appends a body. Returns the new offset, which is on the disk. Keeps what has arrived if the connection is lost. */
    long append(Upload upload, long offset, InputStream body) throws IOException {
        try (FileChannel file = FileChannel.open(of(upload.id()), StandardOpenOption.WRITE)) {
            if (file.size() != offset) {
                throw Problem.conflict(
                        "wrong_offset",
                        "'Upload-Offset' is %,d, but the server has %,d bytes of the upload. Send the bytes from there on."
                                .formatted(offset, file.size()));
            }
            file.position(offset);
            try (DiskRoom room = DiskRoom.inSteps(directory.directory(ALL), upload.sizeBytes() - offset)) {
                return append(upload, file, body, room);
            } catch (IOException diskFull) {
                file.truncate(offset);
                throw diskFull;
            }
        }
    }

    private static long append(Upload upload, FileChannel file, InputStream body, DiskRoom room) throws IOException {
        long begin = file.position();
        byte[] buffer = new byte[1 << 16];
        while (true) {
            int read = read(body, buffer);
            if (read < 0) {
                break;
            }
            if (read > upload.sizeBytes() - file.position()) {
                file.truncate(begin);
                throw tooMany(upload);
            }
            room.take(read);
            for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read); bytes.hasRemaining(); ) {
                file.write(bytes);
            }
        }
        file.force(true);
        return file.position();
    }

    private static int read(InputStream body, byte[] buffer) {
        try {
            return body.read(buffer);
        } catch (IOException disconnected) {
            throw new Problem(
                    HttpStatus.BAD_REQUEST,
                    "upload_interrupted",
                    "The body ended before all of its bytes arrived. Ask for the offset, and send the bytes from there on.");
        }
    }

    static Problem tooMany(Upload upload) {
        return Problem.unprocessable(
                "too_many_bytes",
                "The part has more bytes than the upload has left: its 'Upload-Length' is %,d. Create an upload with the right length."
                        .formatted(upload.sizeBytes()));
    }

    /** Removes the files of an upload unless a request has its lock. Then the sweep removes them later. */
    void deleteIfFree(String id) {
        try {
            Optional<FileLocks.Held> lock = tryLock(id);
            if (lock.isPresent()) {
                try (FileLocks.Held held = lock.get()) {
                    delete(id);
                }
            }
        } catch (IOException next) {
            log.warn("cannot lock the upload {}: {}", id, next.getMessage());
        }
    }

    /** Removes the files of an upload, whose lock the caller has. */
    void delete(String id) {
        try {
            Files.deleteIfExists(of(id));
            Files.deleteIfExists(of(id + LOCK));
        } catch (IOException next) { // the sweep tries again
            log.warn("cannot remove the upload {}: {}", id, next.getMessage());
        }
    }

    /** Returns the uploads that have files here. */
    List<String> all() throws IOException {
        try (Stream<Path> files = Files.list(directory.directory(ALL))) {
            return files.map(file -> file.getFileName().toString().replace(LOCK, ""))
                    .distinct()
                    .toList();
        }
    }
}
