package dev.anneal.dataset.file;

/** A checked row: its number in the file from 1, its split (null if the file has no splits), its label and its content as JSON. */
public record Row(long number, String split, String label, String content) {}
