/** The files of a Hugging Face model directory. */
@NullMarked
package dev.anneal.transformer.format;

import org.jspecify.annotations.NullMarked;
