/** Tokenizers and chat templates. */
@NullMarked
package dev.anneal.transformer.tokenizer;

import org.jspecify.annotations.NullMarked;
