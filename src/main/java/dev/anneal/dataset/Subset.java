package dev.anneal.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;

/** Which of the rows for training are trained on: the first so many, or a share of each label's; one of the two is null. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Subset(Integer rows, Double fraction) {}
