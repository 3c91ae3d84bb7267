package dev.anneal.artifact;

import java.io.IOException;

/** What the store has is not what was put there. */
final class Damaged extends IOException {
    Damaged(String message) {
        super(message);
    }
}
