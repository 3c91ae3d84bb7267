package dev.anneal.dataset;

import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.validation.Received;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartFile;

/**
 * A file of a form.
 *
 * @param split the split of all its rows, null if its field names none
 */
record SentFile(String name, @Nullable String split, MultipartFile part) {
    /** Returns the files of a form, by field. */
    static List<SentFile> of(Map<String, List<MultipartFile>> sent) {
        List<SentFile> files = new ArrayList<>();
        sent.forEach((field, parts) -> parts.forEach(part -> files.add(new SentFile(
                part.getOriginalFilename() == null ? "" : part.getOriginalFilename(),
                field.equals("file") ? null : field,
                part))));
        return files;
    }

    UploadedFile file() {
        return new UploadedFile(name, split, part::getInputStream);
    }

    Received.File kept() {
        return new Received.File(name, split, part.getSize());
    }

    /** Moves the file out of the request. */
    void moveTo(Path path) throws IOException {
        part.transferTo(path.toFile().getAbsoluteFile()); // a path would be copied
    }
}
