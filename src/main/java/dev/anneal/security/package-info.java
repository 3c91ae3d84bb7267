/** Callers and their roles, and the role that each operation requires. */
@NullMarked
package dev.anneal.security;

import org.jspecify.annotations.NullMarked;
