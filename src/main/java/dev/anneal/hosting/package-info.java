/** The model hosts of this server: processes that are started on first use, share memory, and are replaced when they crash. */
@NullMarked
package dev.anneal.hosting;

import org.jspecify.annotations.NullMarked;
