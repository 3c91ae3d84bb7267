/** The formats of an uploaded file: each has a reader that turns lines into raw rows with their line numbers. */
@NullMarked
package dev.anneal.dataset.format;

import org.jspecify.annotations.NullMarked;
