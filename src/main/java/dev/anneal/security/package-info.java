/** Authentication and authorization: keys, tokens, roles, rate limits and the audit log. */
@NullMarked
package dev.anneal.security;

import org.jspecify.annotations.NullMarked;
