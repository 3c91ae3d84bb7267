/** Checks of the rows of a dataset that need no model: labels, characters, personal data, repeated texts, and leakage between splits. */
@NullMarked
package dev.anneal.dataset.check;

import org.jspecify.annotations.NullMarked;
