package dev.anneal.security;

/** Who may call an operation. */
enum RequiredRole {
    /** Everybody, also without a key. */
    nothing,
    viewer,
    editor,
    admin,
    /** The admin of the server, whose key belongs to no project. */
    server_admin;

    boolean allows(Caller caller) {
        return switch (this) {
            case nothing -> true;
            case server_admin -> caller.serverAdmin();
            default -> caller.role().ordinal() >= Role.valueOf(name()).ordinal();
        };
    }
}
