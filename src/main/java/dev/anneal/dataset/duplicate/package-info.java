/** The search for repeated texts: exact ones by hash, near ones by MinHash and locality-sensitive hashing. */
@NullMarked
package dev.anneal.dataset.duplicate;

import org.jspecify.annotations.NullMarked;
