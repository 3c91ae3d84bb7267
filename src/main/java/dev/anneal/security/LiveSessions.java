package dev.anneal.security;

import java.util.Collection;
import java.util.Set;

/** Tells which sessions of the page have not ended. */
@FunctionalInterface
public interface LiveSessions {
    /** Returns those of the sessions, each the SHA-256 of its secret, that have not ended. */
    Set<String> live(Collection<String> sessions);
}
