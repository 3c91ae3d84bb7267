package dev.anneal.web;

import dev.anneal.text.Suggest;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks the names of the fields of a multipart form. */
public final class FormFields {
    private FormFields() {}

    /** Refuses fields that the form does not have, and fields that occur twice. */
    public static void check(HttpServletRequest request, List<String> known) throws IOException, ServletException {
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
                                .formatted(shown, String.join(", ", known), Suggest.nearest(name, known))));
            } else if (!seen.add(name)) {
                errors.add(Problem.Error.field(
                        shown, "invalid_value", "The form has the field '%s' twice. Send it once.".formatted(shown)));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }
}
