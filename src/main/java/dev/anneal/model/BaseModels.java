package dev.anneal.model;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.local.DataDirectory;
import dev.anneal.transformer.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** Registers the bundled base model at startup, before anything else runs. */
@Component
class BaseModels implements InitializingBean {
    private static final Logger log = LoggerFactory.getLogger(BaseModels.class);
    private static final String KEY = "base/" + BundledModel.NAME;

    private final ModelRegistry registry;
    private final Models models;
    private final ArtifactStore store;
    private final DataDirectory data;

    BaseModels(ModelRegistry registry, Models models, ArtifactStore store, DataDirectory data) {
        this.registry = registry;
        this.models = models;
        this.store = store;
        this.data = data;
    }

    @Override
    public void afterPropertiesSet() throws IOException {
        if (!store.has(KEY)) {
            log.info("unpacking the base model {}", BundledModel.NAME);
            Path directory = Files.createTempDirectory(data.own(), "base");
            BundledModel.write(directory);
            store.put(KEY, directory);
            FileSystemUtils.deleteRecursively(directory);
        }
        if (models.findBase(BundledModel.NAME, null).isEmpty()) { // else its weights would be read at each start
            registry.addBase(BundledModel.NAME, ModelFiles.inspect(store.get(KEY)), KEY);
        }
    }
}
