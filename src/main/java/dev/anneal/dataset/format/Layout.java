package dev.anneal.dataset.format;

/**
 * The layout of a delimited file. Other formats have none.
 *
 * @param delimiter a character, or a name of {@link Delimiter}
 * @param header whether the first line names the columns
 */
public record Layout(String delimiter, boolean header) {}
