package dev.anneal.local;

import dev.anneal.settings.InvalidSettingException;
import dev.anneal.text.Credentials;
import java.util.regex.Pattern;

/** The address of Postgres in the settings. */
final class DatabaseUrl {
    /** A password may have a question mark, which would begin the parameters. */
    private static final Pattern BEFORE_HOST = Pattern.compile("//[^/]*@");

    private DatabaseUrl() {}

    /**
     * Throws if the address has a user name or a password before its parameters. The driver does not read them there, and repeats
     * them in messages.
     */
    static void check(String url) {
        if (withoutParameters(url).contains("@") || BEFORE_HOST.matcher(url).find()) {
            throw new InvalidSettingException(
                    "spring.datasource.url",
                    withoutParameters(Credentials.hide(url)),
                    "of the form jdbc:postgresql://host/db. Set the user and the password in ANNEAL_DATABASE_USER and"
                            + " ANNEAL_DATABASE_PASSWORD");
        }
    }

    /** Returns the address without parameters, which may hold a password. */
    static String withoutParameters(String url) {
        return url.replaceFirst("\\?.*", "");
    }
}
