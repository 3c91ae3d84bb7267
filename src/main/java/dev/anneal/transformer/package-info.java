/**
 * Models in memory and on disk: architectures as TorchScript programs, weights as safetensors, tokenizers, and the
 * configurations of Hugging Face model directories. Knows no Spring and no database.
 */
package dev.anneal.transformer;
