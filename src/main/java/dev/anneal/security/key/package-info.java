/** API keys: how they are made, listed, revoked, and recognized in a request. */
@NullMarked
package dev.anneal.security.key;

import org.jspecify.annotations.NullMarked;
