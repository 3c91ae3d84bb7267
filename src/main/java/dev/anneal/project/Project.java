package dev.anneal.project;

import java.time.Instant;

/** A project: the owner of datasets, jobs and models, which other projects cannot see. */
record Project(String id, String name, ProjectLimits limits, Instant createdAt) {}
