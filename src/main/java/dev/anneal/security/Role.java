package dev.anneal.security;

/** What somebody may do in a project; each role may do what those before it may. */
public enum Role {
    /** Reads, and calls models. */
    viewer,
    /** Also makes, changes and deletes datasets, jobs and models. */
    editor,
    /** Also hands out keys and reads the audit log. */
    admin
}
