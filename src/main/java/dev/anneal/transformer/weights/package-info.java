/** Weights in safetensors files, and their names in Hugging Face models. */
package dev.anneal.transformer.weights;
