package dev.anneal.inference;

/** A loaded model that serves requests. */
interface ServedModel extends AutoCloseable {
    /** Returns how many requests wait for the model. */
    int waiting();

    @Override
    void close();
}
