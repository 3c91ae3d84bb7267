/** The files of a Hugging Face model directory. */
package dev.anneal.transformer.format;
