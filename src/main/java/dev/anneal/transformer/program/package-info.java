/** TorchScript programs: assembled from the text in resources/programs and run by libtorch. */
@NullMarked
package dev.anneal.transformer.program;

import org.jspecify.annotations.NullMarked;
