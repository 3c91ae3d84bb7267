package dev.anneal.dataset.upload;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.web.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The header {@code Upload-Metadata} of tus: pairs of a name and a text in base64, with commas between them. */
final class UploadMetadata {
    static final String HEADER = "Upload-Metadata";
    private static final int MAX = 4_000;

    private UploadMetadata() {}

    /** Returns the texts by their names, in the order of the header. */
    static Map<String, String> parse(@Nullable String header) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (header == null || header.isBlank()) {
            return metadata;
        }
        if (header.length() > MAX) {
            throw invalid("must have at most %,d characters".formatted(MAX));
        }
        for (String pair : header.split(",", -1)) {
            String[] parts = pair.strip().split(" +", 2);
            String value = parts.length == 1 ? "" : decode(parts[1].strip());
            if (parts[0].isEmpty() || metadata.putIfAbsent(parts[0], value) != null) {
                throw invalid(
                        "must be pairs of a name and a text in base64 with commas between them, each name once, such as"
                                + " 'filename cmV2aWV3cy5jc3Y='");
            }
        }
        return metadata;
    }

    private static String decode(String base64) {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw invalid("has a value that is not base64 of a text in UTF-8");
        }
    }

    private static Problem invalid(String what) {
        return Problem.invalid(HEADER, "invalid_value", "The header '%s' %s.".formatted(HEADER, what));
    }
}
