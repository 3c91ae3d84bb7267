/** What a trainer is asked to do, and the names in its work directory. */
package dev.anneal.training.spec;
