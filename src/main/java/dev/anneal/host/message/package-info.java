/** Messages between the server and a model host: one JSON object a line, with the id of the call. */
@NullMarked
package dev.anneal.host.message;

import org.jspecify.annotations.NullMarked;
