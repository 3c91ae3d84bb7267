/** The store of models and checkpoints: a directory, or a bucket in S3 with a local cache. */
@NullMarked
package dev.anneal.artifact;

import org.jspecify.annotations.NullMarked;
