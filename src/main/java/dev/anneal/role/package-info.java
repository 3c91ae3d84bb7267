/** The roles of a process: which components run in it, and how their scheduled work reports errors. */
@NullMarked
package dev.anneal.role;

import org.jspecify.annotations.NullMarked;
