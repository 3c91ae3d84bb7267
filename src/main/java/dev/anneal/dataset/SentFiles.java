package dev.anneal.dataset;

import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.upload.CompleteUploads;
import dev.anneal.security.Caller;
import dev.anneal.web.FormFields;
import dev.anneal.web.Problem;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** Finds the files of a request: in its form, or by the upload that the form names. */
@Component
class SentFiles {
    /** The field of the form that names an upload. */
    static final String UPLOAD = "upload";

    private final CompleteUploads uploads;

    SentFiles(CompleteUploads uploads) {
        this.uploads = uploads;
    }

    /** Returns at least one file. Refuses a form with fields that it does not have. */
    List<SentFile> of(MultipartHttpServletRequest form, Map<String, String> fields)
            throws IOException, ServletException {
        String upload = fields.getOrDefault(UPLOAD, "");
        Map<String, List<MultipartFile>> sent = FormFields.files(
                form, UploadRequest.FILES, UploadRequest.FIELDS, UploadRequest.hints(), upload.isEmpty());
        if (upload.isEmpty()) {
            return SentFile.of(sent);
        }
        if (!sent.isEmpty()) {
            throw Problem.invalid(
                    UPLOAD, "conflicting_fields", "The form has files and 'upload'. Send only one of them.");
        }
        return List.of(SentFile.of(uploads.get(upload, Caller.current().project())));
    }
}
