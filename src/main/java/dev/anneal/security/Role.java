package dev.anneal.security;

/** A role in a project. Each role includes those before it. */
public enum Role {
    /** May read everything and call models. */
    viewer,
    /** May also create, change and delete datasets, jobs and models. */
    editor,
    /** May also create keys and webhooks, and read the audit log. */
    admin
}
