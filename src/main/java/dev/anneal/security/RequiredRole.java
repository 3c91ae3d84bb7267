package dev.anneal.security;

import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;

/** The role that an operation requires. */
public enum RequiredRole {
    /** No role: callable without a key. */
    nothing,
    viewer,
    editor,
    admin,
    /** A key of the server's admin, which has no project. */
    server_admin;

    public boolean allows(Caller caller) {
        return switch (this) {
            case nothing -> true;
            case server_admin -> caller.serverAdmin();
            default -> caller.role().ordinal() >= Role.valueOf(name()).ordinal();
        };
    }

    /** Returns the problem of a caller who lacks this role for an operation. */
    public Problem missing(String what, Caller caller) {
        return new Problem(
                HttpStatus.FORBIDDEN,
                "forbidden",
                "%s requires %s. Your key or token '%s' has the role %s in the project '%s'."
                        .formatted(
                                what,
                                this == server_admin ? "a key of the server's admin" : "the role " + this,
                                caller.name(),
                                caller.role(),
                                caller.project()),
                List.of(),
                Map.of("required_role", name()));
    }
}
