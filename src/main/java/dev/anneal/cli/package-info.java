/** The command line: one class for each command or group of commands. It speaks HTTP only; {@code Cli} lists the commands. */
@NullMarked
package dev.anneal.cli;

import org.jspecify.annotations.NullMarked;
