package dev.anneal.security.filter;

import org.jspecify.annotations.Nullable;

/** The header {@code Authorization: Bearer <key>}, and what is wrong with one that is not like this. */
final class AuthorizationHeader {
    private static final String SCHEME = "Bearer";
    private static final String RIGHT = " Send the header 'Authorization: Bearer <key>'.";

    private AuthorizationHeader() {}

    /** Returns what is wrong and what to do, or null if the header has a key. No part of the header is shown, except its scheme. */
    static @Nullable String fault(String header) {
        String[] words = header.strip().split("\\s+");
        if (!words[0].equalsIgnoreCase(SCHEME)) {
            return words.length > 1 && words[0].matches("[A-Za-z][A-Za-z0-9-]{0,19}")
                    ? "The header Authorization has the scheme '" + words[0] + "', which this server does not have."
                            + RIGHT
                    : "The header Authorization has no 'Bearer' before the key." + RIGHT;
        }
        if (words.length == 1) {
            return "The header Authorization has no key after 'Bearer'." + RIGHT;
        }
        if (words.length > 2 || words[1].matches("[\"'<].*|.*[\"'>]")) {
            return "The header Authorization has more than the key after 'Bearer': spaces, quotation marks or brackets."
                    + RIGHT;
        }
        return null;
    }

    static String secret(String header) {
        return header.strip().split("\\s+")[1];
    }
}
