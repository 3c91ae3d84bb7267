package dev.anneal.host.message;

import java.util.List;

/** Texts whose tokens to count, special tokens included. The result is a list of numbers. */
public record TokenizeMessage(List<String> texts) {}
