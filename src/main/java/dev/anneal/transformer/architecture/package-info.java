/** The architectures and their heads: names, shapes and settings of their parameters. */
package dev.anneal.transformer.architecture;
