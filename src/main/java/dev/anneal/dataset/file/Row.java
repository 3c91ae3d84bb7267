package dev.anneal.dataset.file;

/** A good row: its number in the file from 1, its split (null where the file does not say), its content as JSON. */
public record Row(long number, String split, String label, String content) {}
