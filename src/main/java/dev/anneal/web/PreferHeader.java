package dev.anneal.web;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header {@code Prefer} of a request whose result may take long (RFC 7240): {@code respond-async} asks for an answer at once,
 * {@code wait=N} for one after at most so many seconds. Other preferences are ignored, as the RFC says.
 */
public final class PreferHeader {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Pattern ASYNC = Pattern.compile("(?i)(?:^|[,;])\\s*respond-async\\s*(?:$|[,;])");
    private static final Pattern WAIT =
            Pattern.compile("(?i)(?:^|[,;])\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(?:$|[,;])");

    private PreferHeader() {}

    /** Returns how long the request wants to wait. */
    public static Duration wait(@Nullable String header, Duration usual) {
        String preferences = header == null ? "" : header;
        Matcher wait = WAIT.matcher(preferences);
        if (wait.find()) {
            Duration asked = Duration.ofSeconds(Long.parseLong(wait.group(1)));
            return asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
        }
        return ASYNC.matcher(preferences).find() ? Duration.ZERO : usual;
    }
}
