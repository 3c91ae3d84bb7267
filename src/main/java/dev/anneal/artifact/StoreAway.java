package dev.anneal.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The store does not do what it was asked for; what it holds stays. */
public final class StoreAway extends UncheckedIOException {
    StoreAway(String message, IOException cause) {
        super(message, cause);
    }
}
