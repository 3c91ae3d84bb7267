package dev.anneal;

/** Entry point of the jar. */
public final class Anneal {
    public static void main(String[] args) {}
}
