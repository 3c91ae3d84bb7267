/**
 * A model host: the child process that loads one model and answers the server's calls. What a user has uploaded is executed here
 * and never in the server.
 */
@NullMarked
package dev.anneal.host;

import org.jspecify.annotations.NullMarked;
