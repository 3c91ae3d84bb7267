/** Options that become fields of a request: their names, descriptions, and the values that they take. */
@NullMarked
package dev.anneal.cli.option;

import org.jspecify.annotations.NullMarked;
