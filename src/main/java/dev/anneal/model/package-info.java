/** The registry of models: the bundled one, imports from a hub or a zip, and downloads. */
@NullMarked
package dev.anneal.model;

import org.jspecify.annotations.NullMarked;
