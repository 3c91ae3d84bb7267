package dev.anneal.project;

import java.time.Instant;

/** A project on the wire. */
record ProjectView(String id, String name, ProjectLimits limits, ProjectUsage usage, Instant createdAt) {}
