package dev.anneal.text;

import java.util.regex.Pattern;

/** Removes credentials from a text before it is shown. */
public final class Credentials {
    private static final Pattern USER = Pattern.compile("//\\S*@");
    private static final Pattern PARAMETER = Pattern.compile(
            "([?&;][^\\s=&;#]*(?:password|secret|token)[^\\s=&;#]*=)[^\\s&;#]*", Pattern.CASE_INSENSITIVE);

    private Credentials() {}

    /** Returns a text without the user names, passwords, secrets and tokens of the URLs in it. */
    public static String hide(String text) {
        String withoutUsers = USER.matcher(text).replaceAll("//***@");
        return PARAMETER.matcher(withoutUsers).replaceAll("$1***");
    }
}
