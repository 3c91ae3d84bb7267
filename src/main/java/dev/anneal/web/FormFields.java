package dev.anneal.web;

import dev.anneal.text.Suggest;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** Checks the names of the fields of a multipart form that has one or several files. */
public final class FormFields {
    private static final String FILE = "file";

    private FormFields() {}

    /**
     * Returns the file of the form. Refuses a form without it, fields that the form does not have, and fields that occur twice.
     *
     * @param hints what to do about some unknown fields, by their names
     */
    public static MultipartFile file(
            HttpServletRequest request, @Nullable MultipartFile file, List<String> known, Map<String, String> hints)
            throws IOException, ServletException {
        List<Problem.Error> errors = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Part part : request.getParts()) {
            String name = part.getName();
            String shown = Problem.quote(name);
            if (!known.contains(name)) {
                errors.add(unknown(part, known, hints));
            } else if (!seen.add(name)) {
                errors.add(Problem.Error.field(
                        shown, "invalid_value", "The form has the field '%s' twice. Send it once.".formatted(shown)));
            }
        }
        if (file == null) {
            errors.add(Problem.Error.field(FILE, "required", missing(seen)));
        }
        if (file == null || !errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return file;
    }

    /**
     * Returns the files of the form by field, in their order. Refuses fields that the form does not have, and
     * fields other than those of files that occur twice.
     *
     * @param fileFields the fields that hold files; each may occur several times
     * @param hints what to do about some unknown fields, and about plain fields in place of files, by their names
     * @param required whether a form without a file is refused
     */
    public static Map<String, List<MultipartFile>> files(
            MultipartHttpServletRequest request,
            List<String> fileFields,
            List<String> known,
            Map<String, String> hints,
            boolean required)
            throws IOException, ServletException {
        List<Problem.Error> errors = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Part part : request.getParts()) {
            String name = part.getName();
            String shown = Problem.quote(name);
            boolean isFile = fileFields.contains(name);
            boolean isNew = seen.add(name);
            if (!known.contains(name)) {
                errors.add(unknown(part, known, hints));
            } else if (isFile && part.getSubmittedFileName() == null) {
                errors.add(Problem.Error.field(shown, "required", plain(name, hints)));
            } else if (!isFile && part.getSubmittedFileName() != null) {
                errors.add(Problem.Error.field(
                        shown, "invalid_type", "'%s' must be a plain field, not a file.".formatted(shown)));
            } else if (!isFile && !isNew) {
                errors.add(Problem.Error.field(
                        shown, "invalid_value", "The form has the field '%s' twice. Send it once.".formatted(shown)));
            }
        }
        Map<String, List<MultipartFile>> files = new LinkedHashMap<>();
        for (String field : fileFields) {
            List<MultipartFile> sent = request.getFiles(field);
            if (!sent.isEmpty()) {
                files.put(field, sent);
            }
        }
        if (required && files.isEmpty() && errors.isEmpty()) {
            errors.add(Problem.Error.field(FILE, "required", missing(seen)));
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        return files;
    }

    private static String plain(String field, Map<String, String> hints) {
        String hint = hints.get(field);
        return "The field '%s' of the form is a plain field. Send a file, for example with curl -F %s=@FILE.%s"
                .formatted(field, field, hint == null ? "" : " If you mean the share of the rows: " + hint);
    }

    private static Problem.Error unknown(Part part, List<String> known, Map<String, String> hints) {
        String shown = Problem.quote(part.getName());
        return Problem.Error.field(
                shown,
                "unknown_field",
                "Unknown field '%s'. Fields of the form: %s.%s"
                        .formatted(shown, String.join(", ", known), hint(part, known, hints)));
    }

    private static String missing(Set<String> seen) {
        return seen.contains(FILE)
                ? "The field 'file' of the form is a plain field. Send a file, for example with curl -F file=@FILE."
                : "The form has no field 'file'. Send the file in it, for example with curl -F file=@FILE.";
    }

    private static String hint(Part part, List<String> known, Map<String, String> hints) {
        if (part.getSubmittedFileName() != null) {
            return " Send the file in the field 'file'.";
        }
        String hint = hints.get(part.getName());
        return hint == null ? Suggest.nearest(part.getName(), known) : " " + hint;
    }
}
