package dev.anneal.security.token;

import java.util.List;

/**
 * The person whom a token names.
 *
 * @param projects those in which the person may work
 * @param roles the values of the role claim. The settings decide at each request which role they mean, the same in each project
 */
public record Identity(String subject, String name, List<String> projects, List<String> roles) {
    public Identity {
        roles = roles == null
                ? List.of()
                : roles; // a session of an earlier version has none, so its person signs in again
    }
}
