package dev.anneal.security;

/** The role that an operation requires. */
enum RequiredRole {
    /** No role: callable without a key. */
    nothing,
    viewer,
    editor,
    admin,
    /** A key of the server's admin, which has no project. */
    server_admin;

    boolean allows(Caller caller) {
        return switch (this) {
            case nothing -> true;
            case server_admin -> caller.serverAdmin();
            default -> caller.role().ordinal() >= Role.valueOf(name()).ordinal();
        };
    }
}
