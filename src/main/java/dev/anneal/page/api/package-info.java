/** Calls of the API within the process, with the caller and the checks of a request from outside. */
@NullMarked
package dev.anneal.page.api;

import org.jspecify.annotations.NullMarked;
