/** Problems of the rows of a file with their line, column and severity, and the policy for such rows. */
@NullMarked
package dev.anneal.dataset.problem;

import org.jspecify.annotations.NullMarked;
