/** The HTTP side of the command line: calls, streams of events, errors in plain words, and the same calls for curl. */
@NullMarked
package dev.anneal.cli.http;

import org.jspecify.annotations.NullMarked;
