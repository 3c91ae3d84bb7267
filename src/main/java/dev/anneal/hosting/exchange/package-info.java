/** Requests that wait for a model: they are answered in other threads, and their work stops if their clients disconnect. */
@NullMarked
package dev.anneal.hosting.exchange;

import org.jspecify.annotations.NullMarked;
