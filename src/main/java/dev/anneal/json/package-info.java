/** The one JSON mapper: snake_case, unknown fields refused. */
package dev.anneal.json;
