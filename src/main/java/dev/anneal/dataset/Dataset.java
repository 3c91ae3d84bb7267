package dev.anneal.dataset;

import dev.anneal.dataset.file.FileSource;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.validation.Progress;
import dev.anneal.dataset.version.Change;
import dev.anneal.web.Problem;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/**
 * An uploaded file, or a version of one. It never changes once it is validated. Its rows are in the table dataset_rows. Its
 * lineage is read by itself, because it can be long.
 */
@Entity
@Immutable
@Table(name = "datasets")
public class Dataset implements Persistable<String> {
    /** The result of the upload. */
    public enum Status {
        validating,
        ready,
        rejected;

        /** Returns the status that a request names; null if it names none. */
        static @Nullable Status named(@Nullable String name) {
            if (name == null) {
                return null;
            }
            return Stream.of(values())
                    .filter(status -> status.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> Problem.invalid(
                            "status", "unknown_status", "'status' must be one of " + List.of(values()) + "."));
        }
    }

    /** The number of rows with a label, or of tokens with a tag. */
    public record LabelCount(String name, long count) {}

    /** The number of rows of each split. */
    public record Splits(long train, long validation, long test) {}

    @Id
    private String id;

    private String project;
    private String name;
    private @Nullable String task; // null until the file is validated, and if it is refused as a whole
    private @Nullable String format;

    @Enumerated(EnumType.STRING)
    private Status status;

    private long rowCount;
    private long sizeBytes;
    private @Nullable String sha256;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> columns;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<FileSource> files;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<LabelCount> labels;

    @JdbcTypeCode(SqlTypes.JSON)
    private Splits splits;

    private long problemCount;
    private long warningCount;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<RowProblems.CodeCount> problemCodes;

    private long skippedCount;

    private @Nullable String parent;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<Change> changes = List.of();

    private @Nullable String sameAs;

    private @Nullable String source;

    private @Nullable String revision;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Progress progress;

    private Instant createdAt;

    protected Dataset() {}

    /** Creates a dataset whose files are to be validated, or whose rows are to be made. */
    static Dataset validating(String id, String project, String name, long sizeBytes, Instant now) {
        Dataset dataset = new Dataset();
        dataset.id = id;
        dataset.project = project;
        dataset.name = name;
        dataset.status = Status.validating;
        dataset.sizeBytes = sizeBytes;
        dataset.columns = Map.of();
        dataset.files = List.of();
        dataset.labels = List.of();
        dataset.splits = DatasetRows.Summary.NONE.splits();
        dataset.problemCodes = List.of();
        dataset.createdAt = now;
        return dataset;
    }

    /** Returns this dataset, or throws a problem if its rows are not known yet. */
    public Dataset validated() {
        if (status == Status.validating) {
            throw Problem.conflict(
                    "dataset_not_ready",
                    "The server still %s the dataset '%s'. Wait until it is ready: GET /api/v1/datasets/%s shows the progress."
                            .formatted(parent == null ? "checks the file of" : "makes the rows of", id, id));
        }
        return this;
    }

    /** Returns the problem for a use of this dataset, which was rejected. */
    public Problem rejected() {
        return Problem.conflict(
                "dataset_not_ready",
                "The dataset '%s' was rejected, so it has no rows. %s GET /api/v1/datasets/%s/problems lists what is wrong."
                        .formatted(
                                id,
                                parent == null
                                        ? "Correct the file and upload it again, or upload it with 'on_error' skip."
                                        : "Make another version, with other steps.",
                                id));
    }

    /** Says of which dataset this one is made. */
    Dataset madeOf(Dataset parent) {
        this.parent = parent.id;
        return this;
    }

    boolean isVersion() {
        return parent != null;
    }

    Ancestor asAncestor() {
        return new Ancestor(id, name, format, rowCount, sizeBytes, sha256, source, revision, changes, createdAt);
    }

    @Override
    public String getId() {
        return id;
    }

    /** Returns true, because a dataset is saved once and never merged. */
    @Override
    public boolean isNew() {
        return true;
    }

    String project() {
        return project;
    }

    public String name() {
        return name;
    }

    /** Returns the task by its name on the wire: text-classification, text-regression, token-classification, causal-lm or masked-lm. */
    public String task() {
        return Objects.requireNonNull(task, "no task yet");
    }

    /** Returns the columns by role. If {@code labels} is one of the roles, a row has any number of labels. */
    public Map<String, String> columns() {
        return columns;
    }

    public Status status() {
        return status;
    }

    public String sha256() {
        return Objects.requireNonNull(sha256, "no hash yet");
    }

    public List<LabelCount> labels() {
        return labels;
    }

    public List<String> labelNames() {
        return labels.stream().map(LabelCount::name).toList();
    }

    public long rowCount() {
        return rowCount;
    }

    public Splits splits() {
        return splits;
    }

    public long warningCount() {
        return warningCount;
    }

    /** Returns the number of errors and warnings of each code. */
    public List<RowProblems.CodeCount> problemCodes() {
        return problemCodes;
    }

    DatasetView view() {
        return new DatasetView(
                id,
                name,
                task,
                format,
                status,
                rowCount,
                sizeBytes,
                sha256,
                columns,
                files,
                labels,
                splits,
                problemCount,
                warningCount,
                problemCodes,
                skippedCount,
                parent,
                changes,
                sameAs,
                source,
                revision,
                progress,
                createdAt);
    }
}
