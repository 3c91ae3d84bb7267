package dev.anneal.model;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.child.ProgramReplacedException;
import dev.anneal.local.DataDirectory;
import dev.anneal.model.check.CheckKilledException;
import dev.anneal.model.check.ModelChecks;
import dev.anneal.model.source.ImportFailure;
import dev.anneal.model.source.ImportSettings;
import dev.anneal.model.source.ZipModel;
import dev.anneal.project.Quotas;
import dev.anneal.text.Ids;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;
import org.springframework.web.multipart.MultipartFile;

/** Makes a base model from an uploaded zip. A refused upload leaves no files. */
@Component
class ModelUpload {
    private static final Logger log = LoggerFactory.getLogger(ModelUpload.class);

    private final ModelImports imports;
    private final ModelRegistry registry;
    private final ArtifactStore store;
    private final DataDirectory data;
    private final ImportSettings settings;
    private final ModelChecks checks;
    private final Quotas quotas;
    private final TransactionTemplate transactions;
    private final MeterRegistry meters;
    private final ApplicationEventPublisher publisher;
    /** The models whose files are being stored and that are not registered yet. */
    private final Set<String> storing = ConcurrentHashMap.newKeySet();

    ModelUpload(
            ModelImports imports,
            ModelRegistry registry,
            ArtifactStore store,
            DataDirectory data,
            ImportSettings settings,
            ModelChecks checks,
            Quotas quotas,
            TransactionTemplate transactions,
            MeterRegistry meters,
            ApplicationEventPublisher publisher) {
        this.publisher = publisher;
        this.imports = imports;
        this.registry = registry;
        this.store = store;
        this.data = data;
        this.settings = settings;
        this.checks = checks;
        this.quotas = quotas;
        this.transactions = transactions;
        this.meters = meters;
    }

    /** Returns the given name, or that of the file. */
    static String name(MultipartFile file, @Nullable String given) {
        String fileName = fileName(file);
        String name = given != null && !given.isBlank() ? given : fileName.replaceFirst("(?i)\\.zip$", "");
        ImportRequest.checkName(name);
        return name;
    }

    private static String fileName(MultipartFile file) {
        String original = file.getOriginalFilename();
        return (original == null ? "" : original).replaceFirst("^.*[/\\\\]", "");
    }

    String upload(MultipartFile file, String name, @Nullable String project, Idempotency.Made made) throws IOException {
        try {
            return keep(file, name, project, made);
        } catch (ImportFailure failure) {
            count("failed");
            throw failure.code().equals(ImportFailure.DISK_FULL)
                    ? new Problem(HttpStatus.SERVICE_UNAVAILABLE, failure.code(), failure.getMessage())
                    : Problem.unprocessable(failure.code(), failure.getMessage());
        } catch (ModelException invalid) {
            count("failed");
            throw Problem.unprocessable("invalid_model", ImportFailure.sentence(invalid.getMessage()));
        } catch (CheckKilledException killed) {
            count("failed");
            throw new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE, "check_killed", killed.getMessage() + " Try again later.");
        } catch (ProgramReplacedException replaced) {
            count("failed");
            throw new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "program_replaced",
                    "This server's program was replaced or deleted while it ran, so it cannot check a model. An operator has to restart the server.");
        }
    }

    private String keep(MultipartFile file, String name, @Nullable String project, Idempotency.Made made)
            throws IOException {
        String id = Ids.next("mdl");
        String source = "upload:" + Problem.quote(fileName(file));
        Path work = Files.createTempDirectory(data.own(), "upload");
        try {
            // Checked first, so that a refusal comes without delay; publish() checks it again.
            imports.requireFree(name, project);
            Path zip = work.resolve("model.zip");
            file.transferTo(zip.toFile().getAbsoluteFile());
            Path directory = Files.createDirectory(work.resolve("model"));
            List<String> leftOut = new ZipModel(settings.maxBytes().toBytes()).unpack(zip, directory);
            Files.delete(zip);
            ModelFiles files = checks.check(directory, project);
            String key = ModelRegistry.importedKey(id);
            storing.add(id);
            try {
                publisher.publishEvent(new ModelRegistry.FilesAnnounced(id, key));
                store.put(key, directory);
                publish(id, project, name, source, files, leftOut, key, made);
            } finally {
                storing.remove(id);
            }
            count("ready");
            log.info("imported {} as {} ({}): {} parameters", source, id, name, files.parameters());
            return id;
        } finally {
            FileSystemUtils.deleteRecursively(work);
        }
    }

    /** Tells that this process still stores the files, so that no other takes them for those of a killed one. */
    @Scheduled(fixedDelay = 5, timeUnit = TimeUnit.SECONDS)
    void renew() {
        storing.forEach(id -> publisher.publishEvent(new ModelRegistry.FilesRenewed(ModelRegistry.importedKey(id))));
    }

    private void publish(
            String id,
            @Nullable String project,
            String name,
            String source,
            ModelFiles files,
            List<String> leftOut,
            String key,
            Idempotency.Made made) {
        try {
            transactions.executeWithoutResult(status -> {
                quotas.moreBytes(project, files.sizeBytes());
                imports.makeRoom(name, project, source);
                registry.addImported(id, project, name, source, files, leftOut, key);
                made.as(id);
            });
        } catch (Problem refused) {
            store.delete(key);
            throw refused;
        } catch (DataIntegrityViolationException violation) {
            store.delete(key);
            throw ModelImports.refusal(violation, name);
        }
    }

    private void count(String result) {
        meters.counter("anneal.imports", "source", "zip", "result", result).increment();
    }
}
