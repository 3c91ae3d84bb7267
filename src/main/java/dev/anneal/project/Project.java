package dev.anneal.project;

import java.time.Instant;

/** An owner of datasets, jobs and models, kept apart from all others. */
record Project(String id, String name, ProjectLimits limits, Instant createdAt) {}
