package dev.anneal.inference;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.model.Model;
import dev.anneal.model.ModelRegistry.ModelDeleted;
import dev.anneal.role.ForRole;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.generate.TextGenerator;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** The models in memory. They are loaded on first use; at the limit, the least recently used one is unloaded. */
@Component
@ForRole("inference")
class LoadedModels implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(LoadedModels.class);

    private static final class Entry {
        final ServedModel served;
        int users;
        boolean forgotten;

        Entry(ServedModel served) {
            this.served = served;
        }
    }

    private final ArtifactStore store;
    private final InferenceSettings settings;
    private final Map<String, Entry> loaded = new LinkedHashMap<>(16, 0.75f, true);

    LoadedModels(ArtifactStore store, MeterRegistry meters, InferenceSettings settings) {
        this.store = store;
        this.settings = settings;
        meters.gauge("anneal.inference.models", this, LoadedModels::count);
        meters.gauge("anneal.inference.waiting", this, LoadedModels::waiting);
    }

    /** Runs work with the model, which stays in memory until the work is done. */
    <T> T with(Model model, Function<Batcher, T> work) {
        return lend(
                model,
                directory -> new Batcher(
                        model.getId(),
                        Predictor.load(directory, settings.device()),
                        settings.tokenBudget(),
                        settings.maxWaiting()),
                served -> work.apply((Batcher) served));
    }

    /** Runs work with a model that generates text. */
    <T> T withGenerator(Model model, Function<Generator, T> work) {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / settings.maxGenerations());
        return lend(
                model,
                directory -> new Generator(
                        TextGenerator.load(directory, settings.device(), threads),
                        settings.maxGenerations(),
                        settings.maxWaitingGenerations()),
                served -> work.apply((Generator) served));
    }

    private <T> T lend(Model model, Function<Path, ServedModel> load, Function<ServedModel, T> work) {
        Entry entry = borrow(model, load);
        try {
            return work.apply(entry.served);
        } finally {
            giveBack(entry);
        }
    }

    private Entry borrow(Model model, Function<Path, ServedModel> load) {
        Entry entry = borrowLoaded(model);
        // Outside the lock, so that a store that hangs delays only the requests that need it.
        return entry != null ? entry : borrow(model, store.get(model.artifact()), load);
    }

    private synchronized @Nullable Entry borrowLoaded(Model model) {
        Entry entry = loaded.get(model.getId());
        if (entry != null) {
            entry.users++;
        }
        return entry;
    }

    /** Loads the model under the lock, so that a second request for it waits instead of loading it again. */
    private synchronized Entry borrow(Model model, Path files, Function<Path, ServedModel> load) {
        Entry entry = loaded.get(model.getId());
        if (entry == null) {
            makeRoom();
            long start = System.nanoTime();
            entry = new Entry(load.apply(files));
            loaded.put(model.getId(), entry);
            log.info("loaded {} in {} ms", model.getId(), (System.nanoTime() - start) / 1_000_000);
        }
        entry.users++;
        return entry;
    }

    private synchronized void giveBack(Entry entry) {
        entry.users--;
        closeIfUnused(entry);
    }

    /** Unloads a forgotten model once no request uses it. */
    private static void closeIfUnused(Entry entry) {
        if (entry.forgotten && entry.users == 0) {
            entry.served.close();
        }
    }

    private void makeRoom() {
        while (loaded.size() >= settings.maxModels()) {
            var idle = loaded.entrySet().stream()
                    .filter(e -> e.getValue().users == 0)
                    .findFirst()
                    .orElseThrow(() -> new Problem(
                            HttpStatus.TOO_MANY_REQUESTS,
                            "models_busy",
                            "All " + settings.maxModels()
                                    + " loaded models are in use (anneal.inference.max-models). Try again later."));
            loaded.remove(idle.getKey());
            forget(idle.getValue());
        }
    }

    @EventListener
    synchronized void forget(ModelDeleted deleted) {
        Entry entry = loaded.remove(deleted.modelId());
        if (entry != null) {
            forget(entry);
        }
    }

    private static void forget(Entry entry) {
        entry.forgotten = true;
        closeIfUnused(entry);
    }

    private synchronized int count() {
        return loaded.size();
    }

    synchronized int waiting() {
        return loaded.values().stream().mapToInt(e -> e.served.waiting()).sum();
    }

    @Override
    public synchronized void destroy() {
        loaded.values().forEach(LoadedModels::forget);
        loaded.clear();
    }
}
