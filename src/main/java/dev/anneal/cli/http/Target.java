package dev.anneal.cli.http;

import java.net.URI;
import java.util.Optional;

/** The server that is called, the key to it, and the project, if one is named. */
public record Target(URI server, Key key, Optional<String> project) {}
