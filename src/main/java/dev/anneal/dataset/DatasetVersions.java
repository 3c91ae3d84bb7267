package dev.anneal.dataset;

import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.DatasetTask;
import dev.anneal.dataset.format.Tags;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.rows.DatasetReader;
import dev.anneal.dataset.rows.RowLines;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.dataset.validation.ValidationQueue;
import dev.anneal.dataset.version.Deadline;
import dev.anneal.dataset.version.RowSource;
import dev.anneal.dataset.version.StepParser;
import dev.anneal.dataset.version.VersionSteps;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.project.Names;
import dev.anneal.project.Quotas;
import dev.anneal.text.Cut;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.Limits;
import dev.anneal.web.limit.UploadSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a new dataset of the rows of another one: first a row that says what was asked for, then the rows and the result. */
@Component
class DatasetVersions {
    private static final Logger log = LoggerFactory.getLogger(DatasetVersions.class);
    private static final Pattern NUMBERED = Pattern.compile("(.*)-v(\\d{1,6})", Pattern.DOTALL);
    private static final int MAX_SHOWN = 20;
    private static final int MAX_ANCESTORS = 100;
    private static final int MAX_LINEAGE = 1_000_000;

    private final Datasets datasets;
    private final ValidationQueue queue;
    private final DatasetReader reader;
    private final DatasetIntake intake;
    private final DatasetResult result;
    private final Quotas quotas;
    private final Names names;
    private final DataDirectory data;
    private final Limits limits;
    private final UploadSettings uploads;

    DatasetVersions(
            Datasets datasets,
            ValidationQueue queue,
            DatasetReader reader,
            DatasetIntake intake,
            DatasetResult result,
            Quotas quotas,
            Names names,
            DataDirectory data,
            Limits limits,
            UploadSettings uploads) {
        this.datasets = datasets;
        this.queue = queue;
        this.reader = reader;
        this.intake = intake;
        this.result = result;
        this.quotas = quotas;
        this.names = names;
        this.data = data;
        this.limits = limits;
        this.uploads = uploads;
    }

    /**
     * Creates a version whose rows are to be made.
     *
     * @param name null for the next free one
     * @param acknowledged whether the client may know that the version is being made. Otherwise its request waits
     */
    @Transactional
    Validation register(
            Dataset parent,
            @Nullable String name,
            @Nullable JsonNode asked,
            boolean acknowledged,
            Idempotency.Made made) {
        checkReady(parent);
        String project = parent.project();
        datasets.keep(parent.getId(), project).orElseThrow(() -> Problem.notFound("dataset", parent.getId()));
        StepParser.checkSize(asked); // before each of them is looked up
        JsonNode steps = withIds(Objects.requireNonNull(asked), project);
        parse(parent, steps); // refuses wrong ones
        checkLineage(parent);
        String id = Ids.next("ds");
        quotas.oneMoreDataset(project);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        datasets.saveAndFlush(Dataset.validating(id, project, name(name, parent, project), 0, now)
                .madeOf(parent));
        datasets.inherit(id, parent.getId(), Json.write(List.of(parent.asAncestor())));
        Received received = new Received(new Received.Version(parent.getId(), steps));
        queue.begin(id, received);
        made.as(id);
        return new Validation(id, 1, received, List.of(), acknowledged);
    }

    /** Makes the rows of a version. Throws a problem if it cannot be trained on them. */
    void make(Validation validation, Received.Version version) throws IOException, SQLException {
        Dataset made = datasets.findById(validation.dataset()).orElseThrow(Validation.Stopped::new);
        Dataset parent = datasets.findByIdAndProject(version.parent(), made.project())
                .orElseThrow(() -> deleted(version.parent()));
        Deadline deadline = new Deadline(uploads.maxVersionTime(), validation::check);
        Set<String> appended = new LinkedHashSet<>();
        try {
            make(validation, version, made, parent, deadline, appended);
        } catch (Problem problem) { // a dataset that was deleted meanwhile has no rows, which may be the reason
            requireThere(parent.getId(), made.project());
            appended.forEach(id -> requireThere(id, made.project()));
            throw problem;
        }
    }

    private void make(
            Validation validation,
            Received.Version version,
            Dataset made,
            Dataset parent,
            Deadline deadline,
            Set<String> appended)
            throws IOException, SQLException {
        VersionSteps steps = new StepParser(labels(parent), id -> {
                    appended.add(id);
                    return appended(parent, id);
                })
                .parse(version.steps());
        RowSource source = steps.apply(reader.rows(parent.getId(), null), data.own(), limits.maxRows(), deadline);
        DatasetIntake.Taken taken = intake.read(
                sink -> read(parent, source, row -> {
                    validation.row();
                    sink.add(row);
                }),
                null,
                UploadChecks.DEFAULT,
                read -> {
                    SearchTime time = searchTime(deadline, validation);
                    if (read.rejected()) {
                        throw unusable(read.report(time));
                    }
                    return result.store(validation, read, time, stored -> {
                        keep(parent.getId(), made.project());
                        appended.forEach(id -> keep(id, made.project()));
                        quotas.moreBytes(made.project(), stored.file().sizeBytes());
                        return steps.changes();
                    });
                });
        log.info(
                "dataset {} made of {}: {} rows",
                made.getId(),
                parent.getId(),
                taken.summary().count());
    }

    /** Makes sure that a dataset was not deleted while its rows were read: some of them would be missing. */
    private void keep(String id, String project) {
        datasets.keep(id, project).orElseThrow(() -> deleted(id));
    }

    private void requireThere(String id, String project) {
        datasets.findByIdAndProject(id, project).orElseThrow(() -> deleted(id));
    }

    private static Problem deleted(String id) {
        return Problem.conflict(
                "dataset_deleted",
                "The dataset '%s' was deleted while its rows were read, so no version was made. Make it of another dataset."
                        .formatted(id));
    }

    private VersionSteps parse(Dataset parent, JsonNode steps) {
        return new StepParser(labels(parent), id -> appended(parent, id)).parse(steps);
    }

    /** Returns the time of the search in the new rows: the usual one, but no more than the steps have left. */
    private SearchTime searchTime(Deadline deadline, Validation validation) {
        Duration left = deadline.left();
        return left.compareTo(uploads.maxSearchTime()) < 0
                ? new SearchTime(
                        left,
                        "what is left of the %,d seconds of anneal.upload.max-version-time"
                                .formatted(uploads.maxVersionTime().toSeconds()),
                        validation::check)
                : new SearchTime(uploads.maxSearchTime(), "anneal.upload.max-search-time", validation::check);
    }

    /** Returns the steps with the ids of datasets in place of their names, so that a lineage says which ones were appended. */
    private JsonNode withIds(JsonNode asked, String project) {
        JsonNode steps = asked.deepCopy();
        steps.forEach(step -> {
            String given = step.path("dataset").asString("");
            boolean canBeName = !given.isEmpty() && given.indexOf(0) < 0 && !Cut.hasHalfPair(given);
            if (step instanceof ObjectNode fields && canBeName) {
                datasets.find(given, project).ifPresent(other -> fields.put("dataset", other.getId()));
            }
        });
        return steps;
    }

    /** Returns the name of a version: the given one, or that of the parent with the next free number. */
    private String name(@Nullable String given, Dataset parent, String project) {
        names.lock(project);
        if (given == null) {
            return next(parent, project);
        }
        datasets.requireFree(given, project);
        return given;
    }

    /** A lineage repeats the steps of all versions before, so its length is limited. */
    private void checkLineage(Dataset parent) {
        Datasets.Size size = datasets.sizeOfLineage(parent.getId());
        if (size.getAncestors() >= MAX_ANCESTORS || size.getCharacters() >= MAX_LINEAGE) {
            throw Problem.unprocessable(
                    "lineage_too_long",
                    "The dataset '%s' was made by %d versions with %,d characters of steps. At most %d and %,d are allowed. Export it, and upload the file as a new dataset."
                            .formatted(
                                    parent.getId(),
                                    size.getAncestors(),
                                    size.getCharacters(),
                                    MAX_ANCESTORS,
                                    MAX_LINEAGE));
        }
    }

    private static void checkReady(Dataset dataset) {
        if (dataset.validated().status() != Dataset.Status.ready) {
            throw dataset.rejected();
        }
    }

    /** Returns the rows of a dataset that is to be appended, whose rows have the same form. */
    private StepParser.Appended appended(Dataset parent, String id) {
        String project = parent.project();
        Dataset other =
                datasets.findByIdAndProject(id, project).orElseThrow(() -> datasets.unknown("steps", id, project));
        checkReady(other);
        if (!roles(other).equals(roles(parent)) || !other.task().equals(parent.task())) {
            throw Problem.invalid(
                    "steps",
                    "dataset_does_not_fit",
                    "The rows of the dataset '%s' have %s for %s, but those of '%s' have %s for %s. Append rows of the same form."
                            .formatted(
                                    id,
                                    String.join(", ", roles(other)),
                                    other.task(),
                                    parent.getId(),
                                    String.join(", ", roles(parent)),
                                    parent.task()));
        }
        return new StepParser.Appended(reader.rows(id, null), labels(other));
    }

    /** Returns the labels of the rows, or the types of their entities. */
    private static Set<String> labels(Dataset dataset) {
        boolean isTags = dataset.columns().containsKey("tags");
        return dataset.labelNames().stream()
                .filter(name -> !isTags || !name.equals("O"))
                .map(name -> isTags ? Tags.type(name) : name)
                .collect(Collectors.toSet());
    }

    private static List<String> roles(Dataset dataset) {
        return dataset.columns().keySet().stream()
                .filter(role -> !role.equals("split"))
                .map(role -> role.equals("kept") ? "kept (" + dataset.columns().get(role) + ")" : role)
                .sorted()
                .toList();
    }

    /** Reads the rows into a sink. The hash and the size are those of the rows as JSON lines. */
    private static DatasetParser read(Dataset parent, RowSource source, DatasetParser.Sink sink) throws IOException {
        MessageDigest digest = Sha256.digest();
        long[] counts = {0, 0};
        source.forEach(row -> {
            byte[] line = RowLines.json(row).getBytes(StandardCharsets.UTF_8);
            digest.update(line);
            counts[0]++;
            counts[1] += line.length;
            sink.add(row);
        });
        if (counts[0] == 0) {
            throw Problem.invalid("steps", "no_rows", "The steps leave no rows. Remove fewer.");
        }
        return new DatasetParser(
                "jsonl",
                DatasetTask.of(parent.task()),
                parent.columns(),
                List.of(),
                counts[0],
                counts[1],
                Sha256.hex(digest),
                new RowProblems(),
                true);
    }

    private static Problem unusable(DatasetIntake.Taken taken) {
        return Problem.invalid(taken.file().problems().kept().stream()
                .filter(problem -> problem.severity() == dev.anneal.dataset.problem.Severity.error)
                .limit(MAX_SHOWN)
                .map(problem -> Problem.Error.field("steps", problem.code(), problem.message()))
                .toList());
    }

    /** Returns the name of the parent with the next free number. */
    private String next(Dataset parent, String project) {
        Matcher numbered = NUMBERED.matcher(parent.name());
        boolean isNumbered = numbered.matches();
        return Names.numbered(
                isNumbered ? numbered.group(1) : parent.name(),
                "-v",
                isNumbered ? Integer.parseInt(numbered.group(2)) + 1 : 2,
                "",
                name -> datasets.isTaken(name, project));
    }
}
