package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** The training rows that a job uses: the first {@code rows}, or a fraction of each label's. One of the two is null. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Subset(@Nullable Integer rows, @Nullable Double fraction) {}
