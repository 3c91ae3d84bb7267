/** Statistics of datasets: of rows, labels, words and lengths, and of tokens as a base model has them. */
@NullMarked
package dev.anneal.dataset.statistics;

import org.jspecify.annotations.NullMarked;
