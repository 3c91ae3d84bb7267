package dev.anneal.model;

import dev.anneal.json.Json;
import dev.anneal.model.ModelRegistry.ModelDeleted;
import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.HubSource;
import dev.anneal.model.source.ImportSettings;
import dev.anneal.project.Names;
import dev.anneal.project.Quotas;
import dev.anneal.text.Ids;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The queue of imports, kept in the rows of models: a process claims an import and holds a lease on it, and each of its
 * writes names the attempt. Projects take turns, so that the imports of one do not delay those of others. All times are the
 * database's.
 */
@Component
public class ModelImports {
    /** A claim on an import; {@code project} is null for a model of all projects, and {@code commit} is null until the hub has resolved the revision. */
    record Claim(
            String modelId,
            @Nullable String project,
            int attempt,
            HubSource source,
            @Nullable String commit,
            String workspace) {}

    private static final int MAX_TURNS = 1_000;

    private final Models models;
    private final JdbcClient jdbc;
    private final ModelJobs jobs;
    private final Names names;
    private final Quotas quotas;
    private final ModelEvents events;
    private final ApplicationEventPublisher publisher;
    private final double leaseSeconds;
    private final Set<String> turns = new LinkedHashSet<>();

    ModelImports(
            Models models,
            ModelJobs jobs,
            Names names,
            Quotas quotas,
            JdbcClient jdbc,
            ModelEvents events,
            ApplicationEventPublisher publisher,
            ImportSettings settings) {
        this.models = models;
        this.jobs = jobs;
        this.names = names;
        this.quotas = quotas;
        this.jdbc = jdbc;
        this.events = events;
        this.publisher = publisher;
        this.leaseSeconds = settings.lease().toMillis() / 1000.0;
    }

    /** Queues an import. If an import of that name failed, this one replaces it and resumes its download. */
    @Transactional
    public String submit(ImportRequest request, @Nullable String project) {
        String id = Ids.next("mdl");
        String source = request.source().toString();
        quotas.moreBytes(project, 1); // the size is not known yet
        Optional<String> left = makeRoom(request.name(), project, source);
        try {
            models.saveAndFlush(Model.importing(
                    id,
                    project,
                    request.name(),
                    source,
                    request.source().revision(),
                    left.orElse(id),
                    Instant.now().truncatedTo(ChronoUnit.MICROS)));
        } catch (DataIntegrityViolationException violation) {
            throw refusal(violation, request.name());
        }
        events.append(id, "status", Map.of("status", "importing", "attempt", 0));
        return id;
    }

    /**
     * Deletes a failed import of that name, within the caller's transaction, and returns its workspace if it had the same
     * source. Throws if the name is taken.
     */
    Optional<String> makeRoom(String name, @Nullable String project, String source) {
        names.lock(project == null ? "" : project);
        requireFree(name, project);
        record Taken(
                String id,
                String status,
                String source,
                @Nullable String workspace) {}
        Optional<Taken> there = jdbc.sql("select id, status, coalesce(source, '') source, workspace from models"
                        + " where kind = 'base' and name = ? and coalesce(project, '') = ? for update")
                .params(name, project == null ? "" : project)
                .query(Taken.class)
                .optional();
        if (there.isPresent() && !there.get().status().equals("failed")) { // raced
            throw Names.taken(name, "model", there.get().id());
        }
        there.ifPresent(failed ->
                jdbc.sql("delete from models where id = ?").param(failed.id()).update());
        Optional<String> left = there.filter(failed -> failed.source().equals(source))
                .flatMap(failed -> Optional.ofNullable(failed.workspace()));
        if (there.isPresent() && left.isEmpty()) { // nobody resumes its download
            ModelDeleted deleted =
                    new ModelDeleted(there.get().id(), there.get().workspace());
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    publisher.publishEvent(deleted);
                }
            });
        }
        return left;
    }

    /** Refuses a name of a model of the project, of one that all projects share, or of a job that will have a model of this name. */
    void requireFree(String name, @Nullable String project) {
        models.requireFree(name, project);
        Optional.ofNullable(project).flatMap(own -> jobs.waitingFor(name, own)).ifPresent(job -> {
            throw Names.taken(name, "job", job);
        });
    }

    /** Returns a problem if another request has used the name since it was checked, else the violation, which is a bug. */
    static RuntimeException refusal(DataIntegrityViolationException violation, String name) {
        return String.valueOf(violation.getMostSpecificCause().getMessage()).contains("\"models_base_name\"")
                ? Problem.conflict(
                        "name_taken",
                        "A model has the name '" + Problem.quote(name)
                                + "' already. Choose another 'name', or delete that model.")
                : violation;
    }

    /**
     * Claims the next import: of the project with the fewest running ones; among equals, of the one whose turn in this process was
     * longest ago; then the oldest.
     *
     * @param others the projects whose imports are not claimed now; "" stands for the models of all projects
     */
    @Transactional
    public Optional<Claim> claim(Set<String> others) {
        record Claimed(String owner, Claim claim) {}
        Optional<Claimed> claimed = jdbc.sql("""
                        with running as (
                            select coalesce(project, '') as owner, count(*) as imports from models
                            where status = 'importing' and lease_until >= now() group by 1)
                        update models
                        set attempt = attempt + 1, lease_until = now() + make_interval(secs => :lease)
                        where id = (
                            select waiting.id from models waiting
                            left join running on running.owner = coalesce(waiting.project, '')
                            where waiting.status = 'importing'
                              and (waiting.lease_until is null or waiting.lease_until < now())
                              and coalesce(waiting.project, '') <> all (:others::text[])
                            order by coalesce(running.imports, 0),
                              array_position(:turns::text[], coalesce(waiting.project, '')) nulls first, waiting.id
                            limit 1
                            for no key update of waiting skip locked)
                        returning id, attempt, source, revision, commit_sha, workspace, project""")
                .param("lease", leaseSeconds)
                .param("turns", turns())
                .param("others", others.toArray(String[]::new))
                .query((row, i) -> new Claimed(
                        Objects.requireNonNullElse(row.getString("project"), ""),
                        new Claim(
                                row.getString("id"),
                                row.getString("project"),
                                row.getInt("attempt"),
                                Objects.requireNonNull(
                                        HubSource.parse(row.getString("source"), row.getString("revision"))),
                                row.getString("commit_sha"),
                                row.getString("workspace"))))
                .optional();
        claimed.ifPresent(next -> {
            Claim claim = next.claim();
            hadTurn(next.owner());
            events.append(claim.modelId(), "status", Map.of("status", "importing", "attempt", claim.attempt()));
        });
        return claimed.map(Claimed::claim);
    }

    /** Returns how many imports no process has claimed. */
    long waiting() {
        return jdbc.sql("select count(*) from models"
                        + " where status = 'importing' and (lease_until is null or lease_until < now())")
                .query(Long.class)
                .single();
    }

    /** Returns the projects that had a turn, the last one at the end. */
    private synchronized String[] turns() {
        return turns.toArray(String[]::new);
    }

    private synchronized void hadTurn(String owner) {
        turns.remove(owner);
        turns.add(owner);
        if (turns.size() > MAX_TURNS) {
            turns.remove(turns.iterator().next());
        }
    }

    /** Renews the lease and stores the progress; returns false if the model was deleted or another process has the import. */
    @Transactional
    public boolean renew(Claim claim, DownloadState.Progress progress, boolean report) {
        boolean ours = update(
                claim,
                "lease_until = now() + make_interval(secs => :lease), progress = :progress::jsonb",
                Map.of("lease", leaseSeconds, "progress", Json.write(progress)));
        if (ours && report) {
            events.append(claim.modelId(), "progress", progress);
        }
        return ours;
    }

    /** Fixes the import to a commit, even if the revision moves later. */
    @Transactional
    public boolean pin(Claim claim, String commit) {
        return update(claim, "commit_sha = :commit", Map.of("commit", commit));
    }

    /** Throws a problem if the project has no storage for so many bytes. */
    @Transactional
    public void requireStorage(Claim claim, long bytes) {
        quotas.moreBytes(claim.project(), bytes);
    }

    /** Throws a problem if the project has no storage for the files. */
    @Transactional
    public boolean succeed(Claim claim, ModelFiles files, String artifact) {
        quotas.moreBytes(claim.project(), files.sizeBytes());
        Map<String, Object> values = new HashMap<>();
        values.put("architecture", files.architecture());
        Task task = files.task();
        values.put("task", task == null ? null : task.nameInApi());
        values.put("labels", Json.write(files.labels()));
        values.put("parameters", files.parameters());
        values.put("max_length", files.maxLength());
        values.put("size_bytes", files.sizeBytes());
        values.put("sha256", files.sha256());
        values.put("artifact", artifact);
        boolean ours = update(claim, """
                status = 'ready', lease_until = null, workspace = null, architecture = :architecture,
                labels = :labels::jsonb, task = :task, parameters = :parameters, max_length = :max_length, size_bytes = :size_bytes,
                sha256 = :sha256, artifact = :artifact""", values);
        if (ours) {
            events.append(claim.modelId(), "status", Map.of("status", "ready", "attempt", claim.attempt()));
        }
        return ours;
    }

    /** Records a failure. If its files are not kept, no other import resumes its download. */
    @Transactional
    public boolean fail(Claim claim, String code, String message, boolean keepsFiles) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        boolean ours = update(
                claim,
                "status = 'failed', lease_until = null, error = :error::jsonb,"
                        + " workspace = case when :keepsFiles then workspace end",
                Map.of("error", Json.write(error), "keepsFiles", keepsFiles));
        if (ours) {
            Map<String, Object> status = new LinkedHashMap<>();
            status.put("status", "failed");
            status.put("attempt", claim.attempt());
            status.put("error", error);
            events.append(claim.modelId(), "status", status);
        }
        return ours;
    }

    /** Releases the import, so that the next process can resume it at once. */
    @Transactional
    public void release(Claim claim) {
        update(claim, "lease_until = null", Map.of());
    }

    boolean exists(String modelId) {
        return jdbc.sql("select exists (select from models where id = ?)")
                .param(modelId)
                .query(Boolean.class)
                .single();
    }

    boolean isWorkspace(String name) {
        return jdbc.sql("select exists (select from models where workspace = ?)")
                .param(name)
                .query(Boolean.class)
                .single();
    }

    private boolean update(Claim claim, String what, Map<String, ?> values) {
        return jdbc.sql("update models set " + what + " where id = :id and attempt = :attempt and status = 'importing'")
                        .params(values)
                        .param("id", claim.modelId())
                        .param("attempt", claim.attempt())
                        .update()
                == 1;
    }
}
