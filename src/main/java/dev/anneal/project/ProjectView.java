package dev.anneal.project;

import java.time.Instant;

/** A project in an answer. */
record ProjectView(String id, String name, ProjectLimits limits, ProjectUsage usage, Instant createdAt) {}
