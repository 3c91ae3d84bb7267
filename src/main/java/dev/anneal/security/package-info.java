/** Authentication and authorization: keys, tokens, roles, rate limits and the audit log. */
package dev.anneal.security;
