package dev.anneal.dataset;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.problem.Severity;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.version.Change;
import dev.anneal.json.Json;
import dev.anneal.project.Quotas;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The ways in which a dataset that is validated changes. Each is one statement, and does nothing if another process has the dataset. */
@Component
class DatasetTransitions {
    private static final String OURS = " where id = :id and attempt = :attempt and status = 'validating'";
    private static final String ENDED = "upload = null, progress = null, lease_until = null";

    private record Stored(String project, long sizeBytes) {}

    private final JdbcClient jdbc;
    private final Quotas quotas;

    DatasetTransitions(JdbcClient jdbc, Quotas quotas) {
        this.jdbc = jdbc;
        this.quotas = quotas;
    }

    /**
     * Stores which files were fetched and where they come from, and that they are not checked yet. Counts them in the project's storage. Throws a problem if there
     * is no room for them. Returns false if the dataset is not ours any more.
     */
    @Transactional
    boolean fetched(String id, int attempt, Received received, String source, @Nullable String revision) {
        Optional<Stored> stored = jdbc.sql("select project, size_bytes from datasets" + OURS)
                .param("id", id)
                .param("attempt", attempt)
                .query((row, i) -> new Stored(row.getString("project"), row.getLong("size_bytes")))
                .optional();
        if (stored.isEmpty()) {
            return false;
        }
        quotas.moreBytes(
                stored.get().project(), received.sizeBytes() - stored.get().sizeBytes());
        return jdbc.sql(
                                "update datasets set size_bytes = :bytes, upload = :upload, source = :source, revision = :revision, checking = false"
                                        + OURS)
                        .param("id", id)
                        .param("attempt", attempt)
                        .param("bytes", received.sizeBytes())
                        .param("upload", Json.write(received))
                        .param("source", source)
                        .param("revision", revision)
                        .update()
                == 1;
    }

    /** Returns whether the dataset is ours. It stays so until the transaction ends. */
    boolean isOurs(String id, int attempt) {
        return jdbc.sql("select id from datasets" + OURS + " for share")
                .param("id", id)
                .param("attempt", attempt)
                .query(String.class)
                .optional()
                .isPresent();
    }

    /** Makes the dataset ready or rejected, with all that was found. Returns false if it is not ours any more. */
    boolean finish(String id, int attempt, DatasetIntake.Taken taken, List<Change> changes) {
        DatasetParser file = taken.file();
        DatasetRows.Summary rows = taken.summary();
        return jdbc.sql("""
                        update datasets as d set
                            status = :status, task = :task, format = :format, row_count = :rows, size_bytes = :bytes,
                            sha256 = :sha256, columns = :columns::jsonb, files = :files::jsonb, labels = :labels::jsonb,
                            splits = :splits::jsonb, problem_count = :problems, warning_count = :warnings,
                            problem_codes = :codes::jsonb, skipped_count = :skipped,
                            changes = :changes::jsonb,
                            same_as = (select min(o.id) from datasets o
                                       where o.project = d.project and o.sha256 = :sha256 and o.status = 'ready'
                                             and o.parent is null and d.parent is null),
                        """ + ENDED + OURS)
                        .param("id", id)
                        .param("attempt", attempt)
                        .param("status", taken.status().name())
                        .param("task", file.task().text())
                        .param("format", file.format())
                        .param("rows", rows.count())
                        .param("bytes", file.sizeBytes())
                        .param("sha256", file.sha256())
                        .param("columns", Json.write(file.columns()))
                        .param("files", Json.write(file.files()))
                        .param("labels", Json.write(rows.labels()))
                        .param("splits", Json.write(rows.splits()))
                        .param("problems", file.problems().count())
                        .param("warnings", file.problems().warningCount())
                        .param("codes", Json.write(file.problems().codes()))
                        .param("skipped", taken.skipped())
                        .param("changes", Json.write(changes))
                        .update()
                == 1;
    }

    /** Rejects the dataset for problems that concern its files as a whole. Returns false if it is not ours any more. */
    boolean reject(String id, int attempt, List<RowProblems.RowProblem> problems) {
        List<RowProblems.CodeCount> codes = problems.stream()
                .map(RowProblems.RowProblem::code)
                .distinct()
                .map(code -> new RowProblems.CodeCount(
                        code,
                        Severity.error,
                        problems.stream()
                                .filter(problem -> problem.code().equals(code))
                                .count()))
                .toList();
        return jdbc.sql("update datasets set status = 'rejected', problem_count = :problems,"
                                + " problem_codes = :codes::jsonb, " + ENDED + OURS)
                        .param("id", id)
                        .param("attempt", attempt)
                        .param("problems", problems.size())
                        .param("codes", Json.write(codes))
                        .update()
                == 1;
    }

    /** Removes the dataset, whose request is refused. Returns false if it is not ours any more, or if another client knows of it. */
    boolean takeBack(String id, int attempt) {
        return jdbc.sql("delete from datasets" + OURS + " and not acknowledged")
                        .param("id", id)
                        .param("attempt", attempt)
                        .update()
                == 1;
    }
}
