package dev.anneal.dataset.upload;

import dev.anneal.files.FileLocks;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.stereotype.Component;

/** Uploads whose bytes are all there, for a request that makes a dataset of one. */
@Component
public class CompleteUploads {
    /**
     * The file of an upload. It stays until the upload is removed, so that another request can use it if this one is refused. Until this
     * is closed, no other request can change or remove it.
     */
    public static final class UploadedParts implements AutoCloseable {
        private final Upload upload;
        private final Path file;
        private final FileLocks.Held lock;

        private UploadedParts(Upload upload, Path file, FileLocks.Held lock) {
            this.upload = upload;
            this.file = file;
            this.lock = lock;
        }

        public String name() {
            return upload.name();
        }

        public long sizeBytes() {
            return upload.sizeBytes();
        }

        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }

        /** Links the file to another path, or copies it if the file system has no links. */
        public void linkTo(Path path) throws IOException {
            try {
                Files.createLink(path, file);
            } catch (UnsupportedOperationException | FileSystemException noLinks) {
                Files.copy(file, path);
            }
        }

        @Override
        public void close() throws IOException {
            lock.close();
        }
    }

    private final Uploads uploads;
    private final UploadFiles files;

    CompleteUploads(Uploads uploads, UploadFiles files) {
        this.uploads = uploads;
        this.files = files;
    }

    /** Returns the file of an upload that a form names, and locks it. Throws a problem if another request has it. */
    public UploadedParts open(String id, String project) throws IOException {
        find(id, project);
        FileLocks.Held lock = files.lock(id);
        try {
            return new UploadedParts(complete(find(id, project)), files.of(id), lock); // it may have been deleted
        } catch (RuntimeException refused) {
            lock.close();
            throw refused;
        }
    }

    private Upload find(String id, String project) {
        return uploads.find(id, project)
                .filter(found -> !found.hasExpired())
                .orElseThrow(() -> Problem.invalid(
                        "upload",
                        "unknown_upload",
                        "There is no upload '%s'. It may have expired, or a dataset was made of it."
                                .formatted(Problem.quote(id))));
    }

    private Upload complete(Upload upload) {
        String id = upload.id();
        Long there = files.size(id);
        if (there == null) {
            throw UploadController.elsewhere(id);
        }
        if (there < upload.sizeBytes()) {
            throw Problem.conflict(
                    "upload_incomplete",
                    "The server has %,d of the %,d bytes of the upload '%s'. Send the other bytes first."
                            .formatted(there, upload.sizeBytes(), id));
        }
        return upload;
    }

    /** Removes the row of an upload, in the transaction of the caller. */
    public void use(String id) {
        uploads.delete(id);
    }

    /** Removes the file of an upload whose row was removed. */
    public void clean(String id) {
        if (uploads.existing(List.of(id)).isEmpty()) {
            files.deleteIfFree(id);
        }
    }
}
