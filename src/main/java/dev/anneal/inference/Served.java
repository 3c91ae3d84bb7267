package dev.anneal.inference;

/** A model in memory with whatever lets requests at it. */
interface Served extends AutoCloseable {
    /** How many requests wait for their turn. */
    int waiting();

    @Override
    void close();
}
