package dev.anneal.testing;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.Model;
import dev.anneal.model.ModelRegistry;
import dev.anneal.model.Models;
import dev.anneal.text.Ids;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.TestModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Lazy;
import org.springframework.util.FileSystemUtils;

/** Adds models to a server as an upload does, but without the check of their files, for which an upload starts a process. */
@Lazy
@TestComponent
public class ReadyModels {
    private static final Path TINY = Path.of("src/test/resources/models/bert");

    private final Models models;
    private final ModelRegistry registry;
    private final ArtifactStore store;
    private final ApplicationEventPublisher publisher;

    ReadyModels(Models models, ModelRegistry registry, ArtifactStore store, ApplicationEventPublisher publisher) {
        this.models = models;
        this.registry = registry;
        this.store = store;
        this.publisher = publisher;
    }

    /**
     * Returns the id of a base model with 24,000 random weights, which the tests of a class share. A job on it takes little more than
     * the start of its process, and a checkpoint 300 KB.
     */
    public String tiny() {
        String name = "tiny/bert";
        return models.find(name, "default")
                .orElseGet(() -> add(name, "default", TINY))
                .getId();
    }

    /** Returns the id of a base model with two layers of the bundled one, for tests in which a model must learn what texts say. */
    public String shallow() {
        String name = "shallow/minilm";
        return models.find(name, "default")
                .orElseGet(() -> add(name, "default", TestModels.shallow()))
                .getId();
    }

    /** Adds a model of a project with copies of the files in a directory. */
    public Model add(String name, String project, Path files) {
        String id = Ids.next("mdl");
        String artifact = "imports/" + id;
        Path copy = TestServer.newDirectory();
        try {
            FileSystemUtils.copyRecursively(files, copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        publisher.publishEvent(new ModelRegistry.FilesAnnounced(id, artifact));
        store.put(artifact, copy);
        ModelFiles facts = ModelFiles.inspect(store.get(artifact));
        return registry.addImported(id, project, name, "upload:test.zip", facts, List.of(), artifact);
    }
}
