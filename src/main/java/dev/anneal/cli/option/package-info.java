/** Options that become fields of a request: their names, descriptions, and the values that they take. */
package dev.anneal.cli.option;
