/** Who calls and what they may do: keys, tokens, roles, rate limits and the audit log. */
package dev.anneal.security;
