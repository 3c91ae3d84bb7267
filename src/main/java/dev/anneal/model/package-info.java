/** The registry of models: the bundled one, imported and uploaded ones, and downloads. */
@NullMarked
package dev.anneal.model;

import org.jspecify.annotations.NullMarked;
