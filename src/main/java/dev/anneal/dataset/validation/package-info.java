/** The check of files after they were received: who checks a dataset, its progress, and who waits for the result. */
@NullMarked
package dev.anneal.dataset.validation;

import org.jspecify.annotations.NullMarked;
