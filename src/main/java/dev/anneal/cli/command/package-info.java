/** Shared parts of the commands: their session with a server, and how they look up, list, show and delete. */
@NullMarked
package dev.anneal.cli.command;

import org.jspecify.annotations.NullMarked;
