package dev.anneal.web;

import dev.anneal.text.Suggest;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartFile;

/** Checks the names of the fields of a multipart form that has a file. */
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
                errors.add(Problem.Error.field(
                        shown,
                        "unknown_field",
                        "Unknown field '%s'. Fields of the form: %s.%s"
                                .formatted(shown, String.join(", ", known), hint(part, known, hints))));
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
