/** Starts child processes of the server that run its own Java programs. */
@NullMarked
package dev.anneal.child;

import org.jspecify.annotations.NullMarked;
