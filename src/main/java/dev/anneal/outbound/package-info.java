/** The one HTTP client for addresses that users name, with the guard against private networks. */
package dev.anneal.outbound;
