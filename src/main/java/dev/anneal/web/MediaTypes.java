package dev.anneal.web;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** Answers to requests whose media types an operation does not have: which came, and which is wanted. */
public final class MediaTypes {
    private MediaTypes() {}

    /** Returns the 415 for a body of another type than the operation accepts. */
    public static Problem unsupported(@Nullable String contentType, List<MediaType> accepted) {
        String came = came(contentType);
        boolean form = accepted.contains(MediaType.MULTIPART_FORM_DATA);
        boolean json = accepted.contains(MediaType.APPLICATION_JSON);
        String wanted = form
                ? "Send a form of the type multipart/form-data with the file in the field 'file', for example with"
                        + " curl -F file=@FILE."
                : "Send JSON with the header 'Content-Type: application/json'.";
        if (form && json) {
            wanted = "Send JSON with the header 'Content-Type: application/json', or a form of the type"
                    + " multipart/form-data with the file in the field 'file'.";
        } else if (!form && !json && accepted.size() == 1 && accepted.get(0).isConcrete()) {
            wanted = "Send the header 'Content-Type: " + accepted.get(0) + "'.";
        }
        return new Problem(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", came + " " + wanted);
    }

    /** Returns the 415 for a body that is compressed. */
    public static Problem unsupportedEncoding(String encoding) {
        return new Problem(
                HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body has the Content-Encoding '%s'. Send it without compression and without this header."
                        .formatted(Problem.quote(encoding)));
    }

    private static String came(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return "The request has no Content-Type.";
        }
        String type = type(contentType);
        if (type == null) {
            return "The Content-Type '" + Problem.quote(contentType) + "' is not a media type.";
        }
        return type.equals(MediaType.APPLICATION_FORM_URLENCODED_VALUE)
                ? "The Content-Type is '" + type + "', which curl -d sends unless you set another one."
                : "The Content-Type '" + Problem.quote(type) + "' is not accepted here.";
    }

    private static @Nullable String type(String contentType) {
        try {
            MediaType type = MediaType.parseMediaType(contentType);
            return type.getType() + "/" + type.getSubtype();
        } catch (InvalidMediaTypeException e) {
            return null;
        }
    }

    /** Returns the 406 for an operation that answers none of the types that the client accepts. */
    public static Problem notAcceptable(@Nullable String accept, List<MediaType> produced) {
        String types = produced.stream()
                .filter(type -> !type.getSubtype().matches(".*(\\*|yaml).*")) // also possible, but not documented
                .map(type -> type.getType() + "/" + type.getSubtype())
                .distinct()
                .collect(Collectors.joining(", "));
        String header = "The header 'Accept: " + Problem.quote(accept) + "' ";
        return new Problem(
                HttpStatus.NOT_ACCEPTABLE,
                "not_acceptable",
                produced.isEmpty()
                        ? header + "is not a list of media types. Correct it, or leave the header out."
                        : header + "allows none of the types of this answer: " + types
                                + ". Send one of them, or leave the header out.");
    }
}
