/** Tokens of an OIDC issuer: their settings, the issuer's keys, and the caller that a token names. */
@NullMarked
package dev.anneal.security.token;

import org.jspecify.annotations.NullMarked;
