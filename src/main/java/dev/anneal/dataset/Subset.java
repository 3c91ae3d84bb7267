package dev.anneal.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;

/** A part of the training rows: the first rows, or a fraction of each label's rows. One of the two is null. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Subset(Integer rows, Double fraction) {}
