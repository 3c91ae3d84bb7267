/** TorchScript programs: assembled from the text in resources/programs and run by libtorch. */
package dev.anneal.transformer.program;
