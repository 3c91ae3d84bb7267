package dev.anneal.dataset;

import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.DatasetTask;
import dev.anneal.dataset.file.RowProblems;
import dev.anneal.dataset.format.Tags;
import dev.anneal.dataset.version.Deadline;
import dev.anneal.dataset.version.RowSource;
import dev.anneal.dataset.version.StepParser;
import dev.anneal.dataset.version.VersionSteps;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import dev.anneal.project.Names;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
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

/** Makes a new dataset of the rows of another one, in one transaction. */
@Component
class DatasetVersions {
    private static final Logger log = LoggerFactory.getLogger(DatasetVersions.class);
    private static final Pattern NUMBERED = Pattern.compile("(.*)-v(\\d{1,9})", Pattern.DOTALL);
    private static final int MAX_NAME = 200;
    private static final int MAX_SHOWN = 20;
    private static final int MAX_ANCESTORS = 100;
    private static final int MAX_LINEAGE = 1_000_000;

    private final Datasets datasets;
    private final DatasetRows rows;
    private final DatasetReader reader;
    private final DatasetIntake intake;
    private final Quotas quotas;
    private final Names names;
    private final DataDirectory data;
    private final Limits limits;
    private final UploadSettings uploads;

    DatasetVersions(
            Datasets datasets,
            DatasetRows rows,
            DatasetReader reader,
            DatasetIntake intake,
            Quotas quotas,
            Names names,
            DataDirectory data,
            Limits limits,
            UploadSettings uploads) {
        this.datasets = datasets;
        this.rows = rows;
        this.reader = reader;
        this.intake = intake;
        this.quotas = quotas;
        this.names = names;
        this.data = data;
        this.limits = limits;
        this.uploads = uploads;
    }

    /** Returns the new dataset. It is ready, because a problem is thrown if its rows cannot be trained on. */
    @Transactional(rollbackFor = Exception.class)
    Dataset make(Dataset parent, @Nullable String name, @Nullable JsonNode asked, Idempotency.Made made)
            throws IOException, SQLException {
        checkReady(parent);
        String project = Caller.current().project();
        datasets.keep(parent.getId(), project).orElseThrow(() -> Problem.notFound("dataset", parent.getId()));
        if (name != null) {
            datasets.requireFree(name, project); // before the rows are read; the name is checked again at the end
        }
        StepParser.checkSize(asked); // before each of them is looked up
        VersionSteps steps = new StepParser(labels(parent), id -> appended(parent, id))
                .parse(withIds(Objects.requireNonNull(asked), project));
        checkLineage(parent);
        Deadline deadline = new Deadline(uploads.maxVersionTime());
        RowSource source = steps.apply(reader.rows(parent.getId(), null), data.own(), limits.maxRows(), deadline);
        String id = Ids.next("ds");
        DatasetIntake.Taken taken = intake.take(
                id, sink -> read(parent, source, sink), null, UploadChecks.DEFAULT, searchTime(deadline));
        refuseUnusable(taken);
        quotas.oneMoreDataset(project);
        quotas.moreBytes(project, taken.file().sizeBytes());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        Dataset version = new Dataset(id, project, name(name, parent, project), taken, now);
        datasets.saveAndFlush(version.madeOf(parent, steps.changes()));
        datasets.inherit(id, parent.getId(), Json.write(List.of(parent.asAncestor())));
        rows.keepProblems(id, taken.file().problems().kept());
        made.as(id);
        log.info(
                "dataset {} made of {}: {} rows",
                id,
                parent.getId(),
                taken.summary().count());
        return version;
    }

    /** Returns the time of the search in the new rows: the usual one, but no more than the steps have left. */
    private SearchTime searchTime(Deadline deadline) {
        Duration left = deadline.left();
        return left.compareTo(uploads.maxSearchTime()) < 0
                ? new SearchTime(left, "anneal.upload.max-version-time", () -> {})
                : new SearchTime(uploads.maxSearchTime(), "anneal.upload.max-search-time", () -> {});
    }

    /** Returns the steps with the ids of datasets in place of their names, so that a lineage says which ones were appended. */
    private JsonNode withIds(JsonNode asked, String project) {
        JsonNode steps = asked.deepCopy();
        steps.forEach(step -> {
            String given = step.path("dataset").asString("");
            if (step instanceof ObjectNode fields && !given.isEmpty() && given.indexOf(0) < 0) {
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
        String project = Caller.current().project();
        Dataset other = datasets.findByIdAndProject(id, project).orElseThrow(() -> unknown(id));
        checkReady(other);
        if (!roles(other).equals(roles(parent)) || !other.task().equals(parent.task())) {
            throw Problem.invalid(
                    "steps",
                    "dataset_does_not_fit",
                    "The rows of the dataset '%s' have %s for %s, but those of '%s' have %s for %s. Append rows of the same form."
                            .formatted(id, roles(other), other.task(), parent.getId(), roles(parent), parent.task()));
        }
        datasets.keep(id, project).orElseThrow(() -> unknown(id));
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

    private static Problem unknown(String id) {
        return Problem.invalid("steps", "unknown_dataset", "There is no dataset '" + Problem.quote(id) + "'.");
    }

    private static List<String> roles(Dataset dataset) {
        return dataset.columns().keySet().stream()
                .filter(role -> !role.equals("split"))
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

    private static void refuseUnusable(DatasetIntake.Taken taken) {
        if (taken.rejected()) {
            List<Problem.Error> errors = taken.file().problems().kept().stream()
                    .filter(problem -> problem.severity() == dev.anneal.dataset.file.Severity.error)
                    .limit(MAX_SHOWN)
                    .map(problem -> Problem.Error.field("steps", problem.code(), problem.message()))
                    .toList();
            throw Problem.invalid(errors);
        }
    }

    /** Returns the name of the parent with the next free number. */
    private String next(Dataset parent, String project) {
        Matcher numbered = NUMBERED.matcher(parent.name());
        String stem = numbered.matches() ? numbered.group(1) : parent.name();
        stem = stem.length() > MAX_NAME - 12 ? stem.substring(0, MAX_NAME - 12) : stem;
        int highest = 1;
        for (String name : datasets.namesFrom(project, stem + "-v", stem + "-v:")) { // the character after 9
            Matcher other = NUMBERED.matcher(name);
            if (other.matches() && other.group(1).equals(stem)) {
                highest = Math.max(highest, Integer.parseInt(other.group(2)));
            }
        }
        return stem + "-v" + (highest + 1);
    }
}
