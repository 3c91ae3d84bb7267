package dev.anneal.page.session;

import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Writes the page that says why a request is refused. */
@FunctionalInterface
public interface Refusals {
    void write(Problem problem, HttpServletRequest request, HttpServletResponse response) throws IOException;
}
