/** The HTTP side of the command line: calls, streams of events, refusals in plain words, and the same calls for curl. */
package dev.anneal.cli.http;
