/** Models: a Hugging Face directory loaded into a program with its weights. Needs neither Spring nor a database. */
package dev.anneal.transformer;
