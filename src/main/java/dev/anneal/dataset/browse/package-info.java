/** Pages of the rows of a dataset, filtered or drawn at random. */
@NullMarked
package dev.anneal.dataset.browse;

import org.jspecify.annotations.NullMarked;
