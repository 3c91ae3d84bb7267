package dev.anneal.local;

import dev.anneal.settings.InvalidSettingException;

/** The address of Postgres in the settings. */
final class DatabaseUrl {
    private DatabaseUrl() {}

    /**
     * Throws if the address has a user name or a password before its parameters. The driver does not read them there, and repeats
     * them in messages.
     */
    static void check(String url) {
        if (withoutParameters(url).contains("@")) {
            throw new InvalidSettingException(
                    "spring.datasource.url",
                    withoutParameters(url),
                    "of the form jdbc:postgresql://host/db. Set the user and the password in ANNEAL_DATABASE_USER and"
                            + " ANNEAL_DATABASE_PASSWORD");
        }
    }

    /** Returns the address without parameters, which may hold a password. */
    static String withoutParameters(String url) {
        return url.replaceFirst("\\?.*", "");
    }
}
