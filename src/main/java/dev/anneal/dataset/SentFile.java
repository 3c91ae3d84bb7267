package dev.anneal.dataset;

import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.upload.CompleteUploads;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.validation.ReceivedFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartFile;

/**
 * A file of a request: a part of its form, or an upload that the form names.
 *
 * @param split the split of all its rows, null if its field names none
 * @param move takes the file out of the request
 */
record SentFile(
        String name, @Nullable String split, long sizeBytes, UploadedFile.Content content, ReceivedFiles.Move move) {
    /** Returns the files of a form, by field. */
    static List<SentFile> of(Map<String, List<MultipartFile>> sent) {
        List<SentFile> files = new ArrayList<>();
        sent.forEach((field, parts) -> parts.forEach(part -> files.add(new SentFile(
                part.getOriginalFilename() == null ? "" : part.getOriginalFilename(),
                field.equals("file") ? null : field,
                part.getSize(),
                part::getInputStream,
                path -> part.transferTo(path.toFile().getAbsoluteFile()))))); // a path would be copied
        return files;
    }

    static SentFile of(CompleteUploads.UploadedParts upload) {
        return new SentFile(upload.name(), null, upload.sizeBytes(), upload::open, upload::linkTo);
    }

    UploadedFile file() {
        return new UploadedFile(name, split, content);
    }

    Received.File kept() {
        return new Received.File(name, split, sizeBytes);
    }
}
