package dev.anneal.dataset.upload;

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
    /** The file of an upload. It stays until the upload is removed, so that another request can use it if this one is refused. */
    public static final class UploadedParts {
        private final Upload upload;
        private final Path file;

        private UploadedParts(Upload upload, Path file) {
            this.upload = upload;
            this.file = file;
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
    }

    private final Uploads uploads;
    private final UploadFiles files;

    CompleteUploads(Uploads uploads, UploadFiles files) {
        this.uploads = uploads;
        this.files = files;
    }

    /** Returns the file of an upload that a form names. */
    public UploadedParts get(String id, String project) {
        Upload upload = uploads.find(id, project)
                .filter(found -> !found.hasExpired())
                .orElseThrow(() -> Problem.invalid(
                        "upload",
                        "unknown_upload",
                        "There is no upload '%s'. It may have expired, or a dataset was made of it."
                                .formatted(Problem.quote(id))));
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
        return new UploadedParts(upload, files.of(id));
    }

    /** Removes the row of an upload, in the transaction of the caller. */
    public void use(String id) {
        uploads.delete(id);
    }

    /** Removes the file of an upload whose row was removed. */
    public void clean(String id) {
        if (uploads.existing(List.of(id)).isEmpty()) {
            files.delete(id);
        }
    }
}
