package dev.anneal.report.card;

import org.jspecify.annotations.Nullable;

/**
 * The base model of a job. A field is null if it is not known.
 *
 * @param repository the repository of a Hugging Face hub
 * @param revision the commit, branch or tag of that
 * @param license the licence as its model card names it, such as {@code apache-2.0}
 * @param sha256 the hash of its weights
 */
public record BaseModel(
        String name,
        @Nullable String repository,
        @Nullable String revision,
        @Nullable String license,
        @Nullable String sha256) {}
