package dev.anneal.model;

/** Says whether a model exists. Another server may have deleted it. */
@FunctionalInterface
public interface ExistingModels {
    boolean exists(String id);
}
