/** The commands about models: import, list, download, and call. */
@NullMarked
package dev.anneal.cli.model;

import org.jspecify.annotations.NullMarked;
