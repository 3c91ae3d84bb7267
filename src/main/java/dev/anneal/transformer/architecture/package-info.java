/** The architectures and their heads: names, shapes and settings of their parameters. */
@NullMarked
package dev.anneal.transformer.architecture;

import org.jspecify.annotations.NullMarked;
