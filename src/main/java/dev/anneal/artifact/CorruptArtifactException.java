package dev.anneal.artifact;

import java.io.IOException;

/** Thrown when the content of an artifact differs from what was stored. */
final class CorruptArtifactException extends IOException {
    CorruptArtifactException(String message) {
        super(message);
    }
}
