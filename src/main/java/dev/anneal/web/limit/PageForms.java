package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import dev.anneal.web.SlowRequest;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Reads the small forms of pages. A form that arrives slowly occupies a thread, so only a tenth of the threads read forms of addresses
 * at which nobody is signed in, and another tenth those of sessions. Each address and each caller has a fifth of these.
 */
@Component
public class PageForms {
    private static final int MAX_BYTES = 8 << 10;

    private final FormPlaces ofAddresses;
    private final FormPlaces ofCallers;

    PageForms(TomcatServerProperties tomcat) {
        int most = Math.max(1, tomcat.getThreads().getMax() / 10);
        this.ofAddresses = new FormPlaces(most);
        this.ofCallers = new FormPlaces(most);
    }

    /**
     * Returns a field of a form. Throws a problem, without reading the form, if it is no small form or too many arrive.
     *
     * @param caller the subject of the session, or null if nobody is signed in
     */
    public @Nullable String field(HttpServletRequest request, String name, @Nullable String caller) {
        String type = request.getContentType();
        if (type == null || !type.toLowerCase().startsWith("application/x-www-form-urlencoded")) {
            throw new Problem( // Tomcat would write the files of a multipart body to disk
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_media_type",
                    "The page sends no form of this type.");
        }
        if (request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null) {
            throw new Problem(
                    HttpStatus.LENGTH_REQUIRED,
                    "length_required",
                    "The length of the form is unknown. Send the header Content-Length.");
        }
        if (request.getContentLengthLong() > MAX_BYTES) {
            throw new Problem(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "form_too_large",
                    "The form has more than %d bytes.".formatted(MAX_BYTES));
        }
        FormPlaces places = caller == null ? ofAddresses : ofCallers;
        String sender = caller == null ? request.getRemoteAddr() : caller;
        if (!places.take(sender)) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_forms",
                    "Too many forms are arriving slowly. Try again in a moment.");
        }
        try {
            return request.getParameter(name);
        } catch (InvalidParameterException unreadable) {
            throw request.getAttribute(SlowRequest.ATTRIBUTE) == null
                    ? new Problem(HttpStatus.BAD_REQUEST, "bad_request", Problem.MALFORMED_REQUEST)
                    : SlowRequest.problem();
        } finally {
            places.giveBack(sender);
        }
    }
}
