/** Projects, their limits and their usage. */
@NullMarked
package dev.anneal.project;

import org.jspecify.annotations.NullMarked;
