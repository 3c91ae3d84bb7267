package dev.anneal.model.check;

import java.io.IOException;

/** Thrown when something killed the process that checks a model. It says nothing about the model, so a retry may help. */
public final class CheckKilledException extends IOException {
    CheckKilledException() {
        super("The check of the model was killed: the machine may be short of memory.");
    }
}
