package dev.anneal.security.token;

import dev.anneal.security.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The person whom a token names.
 *
 * @param projects those in which the person may work
 * @param role the same in each project; null if the token has none
 */
public record Identity(
        String subject,
        String name,
        List<String> projects,
        @Nullable Role role) {}
