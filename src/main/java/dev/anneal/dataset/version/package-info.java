/** The steps that make a new version of a dataset: what each changes about the rows that stream through it. */
@NullMarked
package dev.anneal.dataset.version;

import org.jspecify.annotations.NullMarked;
