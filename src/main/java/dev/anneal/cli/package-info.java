/** The command line: one class for each command or group of commands, in rooms by subject. It speaks HTTP only; {@code Commands} lists the commands. */
@NullMarked
package dev.anneal.cli;

import org.jspecify.annotations.NullMarked;
