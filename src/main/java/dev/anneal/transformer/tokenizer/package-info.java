/** Tokenizers and chat templates. */
package dev.anneal.transformer.tokenizer;
