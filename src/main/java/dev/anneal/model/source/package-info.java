/** Sources of a model's files: a hub or an uploaded zip. Decides which files are accepted. */
@NullMarked
package dev.anneal.model.source;

import org.jspecify.annotations.NullMarked;
