/** Servers on this machine: started, found by their data directory, and stopped. */
@NullMarked
package dev.anneal.cli.local;

import org.jspecify.annotations.NullMarked;
