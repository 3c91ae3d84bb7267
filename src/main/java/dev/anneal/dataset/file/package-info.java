/** Checks an uploaded file: detects its format, finds the columns, and turns each raw row into a checked row or a problem with its line. */
@NullMarked
package dev.anneal.dataset.file;

import org.jspecify.annotations.NullMarked;
