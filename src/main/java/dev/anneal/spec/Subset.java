package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** The training rows that a job draws, in proportion from each label: a number of rows or a fraction. One of the two is null. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Subset(@Nullable Integer rows, @Nullable Double fraction) {}
