package dev.anneal.artifact;

import java.io.IOException;

/** What the store has is not what was put there. */
final class CorruptArtifactException extends IOException {
    CorruptArtifactException(String message) {
        super(message);
    }
}
