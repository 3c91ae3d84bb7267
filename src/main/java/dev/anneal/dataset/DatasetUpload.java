package dev.anneal.dataset;

import dev.anneal.dataset.check.SearchTime;
import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.ParserLimits;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.problem.Severity;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.dataset.upload.CompleteUploads;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.dataset.validation.ValidationQueue;
import dev.anneal.dataset.validation.Validations;
import dev.anneal.local.DataDirectory;
import dev.anneal.project.Names;
import dev.anneal.project.Quotas;
import dev.anneal.text.Ids;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Turns uploaded files into datasets: first a row that says what was sent, then the rows and the result. */
@Component
class DatasetUpload implements Validations.Work {
    private static final Logger log = LoggerFactory.getLogger(DatasetUpload.class);

    private final Datasets datasets;
    private final DatasetTransitions transitions;
    private final ValidationQueue queue;
    private final DatasetRows rows;
    private final DatasetIntake intake;
    private final DatasetVersions versions;
    private final DatasetResult result;
    private final Quotas quotas;
    private final Names names;
    private final Idempotency idempotency;
    private final MeterRegistry meters;
    private final UploadSettings uploads;
    private final DataDirectory data;
    private final CompleteUploads complete;
    private final DatasetFetch fetch;

    DatasetUpload(
            Datasets datasets,
            DatasetTransitions transitions,
            ValidationQueue queue,
            DatasetRows rows,
            DatasetIntake intake,
            DatasetVersions versions,
            DatasetResult result,
            Quotas quotas,
            Names names,
            Idempotency idempotency,
            MeterRegistry meters,
            UploadSettings uploads,
            DataDirectory data,
            CompleteUploads complete,
            DatasetFetch fetch) {
        this.datasets = datasets;
        this.transitions = transitions;
        this.queue = queue;
        this.rows = rows;
        this.intake = intake;
        this.versions = versions;
        this.result = result;
        this.quotas = quotas;
        this.names = names;
        this.idempotency = idempotency;
        this.meters = meters;
        this.uploads = uploads;
        this.data = data;
        this.complete = complete;
        this.fetch = fetch;
    }

    /** Creates a dataset that is to be validated. Returns its id. */
    @Transactional
    String register(String project, String name, boolean isGiven, Received received, Idempotency.Made made) {
        String id = Ids.next("ds");
        quotas.oneMoreDataset(project);
        quotas.moreBytes(project, received.sizeBytes());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS); // the precision of Postgres
        datasets.saveAndFlush(Dataset.validating(id, project, free(name, isGiven, project), received.sizeBytes(), now));
        queue.begin(id, received);
        made.as(id);
        return id;
    }

    /** Returns the name if no other dataset has it. The name of a file gets a number, and a given one is refused. */
    private String free(String name, boolean isGiven, String project) {
        names.lock(project);
        if (isGiven) {
            datasets.requireFree(name, project);
            return name;
        }
        if (!datasets.isTaken(name, project)) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        String ending = dot > 0 && name.length() - dot < 10 ? name.substring(dot) : "";
        return Names.numbered(
                name.substring(0, name.length() - ending.length()), 2, ending, each -> datasets.isTaken(each, project));
    }

    @Override
    public void fetch(Validation validation) throws IOException {
        fetch.fetch(validation);
    }

    @Override
    public void validate(Validation validation) throws IOException, SQLException {
        Received.Version version = validation.received().version();
        if (version == null) {
            validateFiles(validation);
        } else {
            versions.make(validation, version);
        }
    }

    private void validateFiles(Validation validation) throws IOException, SQLException {
        List<UploadedFile> files = validation.files();
        var fields = validation.received().fields();
        UploadRequest request = UploadRequest.of(files.get(0).name(), fields);
        String id = validation.dataset();
        DatasetIntake.Taken taken = intake.read(
                sink -> DatasetParser.parse(files, request, parserLimits(), row -> {
                    validation.row();
                    sink.add(row);
                }),
                request.split(),
                UploadChecks.of(fields),
                read -> keep(validation, read));
        count(taken.status());
        log.info(
                "dataset {} ({}): {} rows, {} bytes, {} errors, {} warnings",
                id,
                request.name(),
                taken.file().rowCount(),
                taken.file().sizeBytes(),
                taken.file().problems().count(),
                taken.file().problems().warningCount());
    }

    private DatasetIntake.Taken keep(Validation validation, DatasetIntake.Read read) throws IOException, SQLException {
        SearchTime time = searchTime(validation::check);
        if (!read.rejected()) {
            return result.store(validation, read, time, taken -> {
                uploadOf(validation).ifPresent(complete::use);
                return List.of();
            });
        }
        DatasetIntake.Taken taken = read.report(time);
        result.reject(validation, taken, same -> {
            idempotency.forget(validation.dataset()); // its upload can be used again, with other fields
            return List.of();
        });
        return taken;
    }

    private static Optional<String> uploadOf(Validation validation) {
        return Optional.ofNullable(validation.received().fields().get(SentFiles.UPLOAD))
                .filter(upload -> !upload.isEmpty());
    }

    @Override
    public void clean(Validation validation) {
        uploadOf(validation).ifPresent(complete::clean);
    }

    @Override
    @Transactional
    public boolean reject(Validation validation, Problem reason) {
        if (!transitions.reject(validation.dataset(), validation.attempt(), problems(reason))) {
            return false;
        }
        rows.remove(validation.dataset());
        rows.keepProblems(validation.dataset(), problems(reason));
        idempotency.forget(validation.dataset()); // the same request may succeed later
        if (validation.received().version() == null) {
            count(Dataset.Status.rejected);
        }
        log.info("dataset {}: rejected: {}", validation.dataset(), reason.code());
        return true;
    }

    private static List<RowProblems.RowProblem> problems(Problem reason) {
        return (reason.errors().isEmpty()
                        ? List.of(
                                new Problem.Error(null, null, null, reason.code(), String.valueOf(reason.getMessage())))
                        : reason.errors())
                .stream()
                        .map(error -> new RowProblems.RowProblem(
                                null,
                                null,
                                error.line(),
                                error.column(),
                                Severity.error,
                                error.code(),
                                error.message()))
                        .toList();
    }

    @Override
    @Transactional
    public boolean takeBack(Validation validation) {
        boolean removed = transitions.takeBack(validation.dataset(), validation.attempt());
        if (removed) {
            idempotency.forget(validation.dataset());
        }
        return removed;
    }

    private void count(Dataset.Status status) {
        meters.counter("anneal.datasets.uploaded", "status", status.name()).increment();
    }

    /** Returns what an upload of the files would give, and keeps nothing. */
    CheckReport check(List<UploadedFile> files, UploadRequest request, UploadChecks checks)
            throws IOException, SQLException {
        return CheckReport.of(intake.read(
                sink -> DatasetParser.parse(files, request, parserLimits(), sink),
                request.split(),
                checks,
                read -> read.report(searchTime(() -> {}))));
    }

    private SearchTime searchTime(Runnable check) {
        return new SearchTime(uploads.maxSearchTime(), "anneal.upload.max-search-time", check);
    }

    private ParserLimits parserLimits() throws IOException {
        return new ParserLimits(
                uploads.maxTextCharacters(),
                new UnpackLimit(uploads.maxUnpackedSize().toBytes(), uploads.maxCompressionRatio()),
                data.own());
    }
}
