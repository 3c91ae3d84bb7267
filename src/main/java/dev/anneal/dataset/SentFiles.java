package dev.anneal.dataset;

import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.source.DatasetSource;
import dev.anneal.dataset.upload.CompleteUploads;
import dev.anneal.security.Caller;
import dev.anneal.web.FormFields;
import dev.anneal.web.Problem;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** Finds the files of a request: in its form, or by the upload or the source that the form names. */
@Component
class SentFiles {
    /** The field of the form that names an upload. */
    static final String UPLOAD = "upload";

    private final CompleteUploads uploads;

    SentFiles(CompleteUploads uploads) {
        this.uploads = uploads;
    }

    /** A form that is checked: it has files, or names an upload or a source. */
    final class Form {
        private final List<SentFile> files;
        private final String upload;

        private Form(List<SentFile> files, String upload) {
            this.files = files;
            this.upload = upload;
        }

        boolean isSource() {
            return files.isEmpty() && upload.isEmpty();
        }

        boolean isUpload() {
            return !upload.isEmpty();
        }

        /** Finds the files, and locks an upload. A request that repeats another one must not need its upload, which may be gone. */
        Opened open() throws IOException {
            if (!isUpload()) {
                return new Opened(files, null);
            }
            CompleteUploads.UploadedParts parts =
                    uploads.open(upload, Caller.current().project());
            return new Opened(List.of(SentFile.of(parts)), parts);
        }
    }

    /** The files of a request, at least one. An upload is locked until this is closed. */
    record Opened(List<SentFile> files, CompleteUploads.@Nullable UploadedParts parts) implements AutoCloseable {
        String name() {
            return files.get(0).name();
        }

        List<UploadedFile> uploaded() {
            return files.stream().map(SentFile::file).toList();
        }

        @Override
        public void close() throws IOException {
            if (parts != null) {
                parts.close();
            }
        }
    }

    /** Refuses a form without files, with a source of them, or with fields that it does not have. */
    Form of(MultipartHttpServletRequest form, Map<String, String> fields) throws IOException, ServletException {
        Form checked = orSource(form, fields);
        if (checked.isSource()) {
            throw Problem.invalid(
                    DatasetSource.given(fields).orElseThrow(),
                    "conflicting_fields",
                    "A check does not fetch files. Send the file, or create a dataset of the source.");
        }
        return checked;
    }

    /** Refuses a form without files and a source, or with fields that it does not have. */
    Form orSource(MultipartHttpServletRequest form, Map<String, String> fields) throws IOException, ServletException {
        String upload = fields.getOrDefault(UPLOAD, "");
        Optional<String> source = DatasetSource.given(fields);
        boolean needsFile = upload.isEmpty() && source.isEmpty();
        Map<String, List<MultipartFile>> sent =
                FormFields.files(form, UploadRequest.FILES, UploadRequest.FIELDS, UploadRequest.hints(), needsFile);
        if (source.isPresent() && !(upload.isEmpty() && sent.isEmpty())) {
            throw conflict(source.get(), upload.isEmpty() ? "files" : "'upload'");
        }
        if (!upload.isEmpty() && !sent.isEmpty()) {
            throw conflict(UPLOAD, "files");
        }
        return new Form(SentFile.of(sent), upload);
    }

    /** Refuses a form without a file, or with fields other than the known ones. */
    Form file(MultipartHttpServletRequest form, List<String> known) throws IOException, ServletException {
        return new Form(SentFile.of(FormFields.files(form, List.of("file"), known, Map.of(), true)), "");
    }

    private static Problem conflict(String field, String other) {
        return Problem.invalid(
                field,
                "conflicting_fields",
                "The form has %s and '%s'. Send only one of them.".formatted(other, field));
    }
}
