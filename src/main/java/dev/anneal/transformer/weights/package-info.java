/** Weights in safetensors files, and their names in Hugging Face models. */
@NullMarked
package dev.anneal.transformer.weights;

import org.jspecify.annotations.NullMarked;
