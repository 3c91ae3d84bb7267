/** Reads an uploaded file: detects its format, finds the columns, and turns each line into a checked row or a problem with its line number. */
package dev.anneal.dataset.file;
