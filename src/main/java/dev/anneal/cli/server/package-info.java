/** The commands about servers: start, stop, quickstart, and the workers, projects and keys. */
@NullMarked
package dev.anneal.cli.server;

import org.jspecify.annotations.NullMarked;
