package dev.anneal.dataset.file;

import org.jspecify.annotations.Nullable;

/** A checked row: its number in the file from 1, its split (null if the file has no splits), its label and its content as JSON. */
public record Row(
        long number, @Nullable String split, @Nullable String label, String content) {}
