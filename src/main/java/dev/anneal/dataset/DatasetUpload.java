package dev.anneal.dataset;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.ParserLimits;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.format.UnpackLimit;
import dev.anneal.local.DataDirectory;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.Limits;
import dev.anneal.web.limit.UploadSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Turns uploaded files into a dataset, in one transaction. */
@Component
class DatasetUpload {
    private static final Logger log = LoggerFactory.getLogger(DatasetUpload.class);

    private final Datasets datasets;
    private final DatasetRows rows;
    private final DatasetValidator validator;
    private final Quotas quotas;
    private final Limits limits;
    private final MeterRegistry meters;
    private final UploadSettings uploads;
    private final DataDirectory data;

    DatasetUpload(
            Datasets datasets,
            DatasetRows rows,
            DatasetValidator validator,
            Quotas quotas,
            Limits limits,
            MeterRegistry meters,
            UploadSettings uploads,
            DataDirectory data) {
        this.datasets = datasets;
        this.rows = rows;
        this.validator = validator;
        this.quotas = quotas;
        this.limits = limits;
        this.meters = meters;
        this.uploads = uploads;
        this.data = data;
    }

    /** Returns a dataset that is ready, or one that is rejected and has only problems. */
    @Transactional(rollbackFor = Exception.class)
    Dataset upload(List<UploadedFile> files, UploadRequest request, Idempotency.Made made)
            throws IOException, SQLException {
        DatasetRows.Incoming incoming = rows.incoming(limits.maxRows());
        DatasetParser parsed;
        try {
            parsed = DatasetParser.parse(files, request, parserLimits(), incoming);
            incoming.finish();
        } finally {
            incoming.cancel();
        }
        String project = Caller.current().project();
        quotas.oneMoreDataset(project);
        quotas.moreBytes(project, parsed.sizeBytes());
        String id = Ids.next("ds");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS); // the precision of Postgres
        boolean bad = parsed.problems().count() > 0;
        DatasetRows.Summary summary = bad ? DatasetRows.Summary.NONE : keep(id, request, parsed);
        Dataset.Status status = bad ? Dataset.Status.rejected : Dataset.Status.ready;
        Dataset dataset = datasets.saveAndFlush(new Dataset(id, project, request, parsed, status, summary, now));
        rows.keepProblems(id, parsed.problems().kept());
        made.as(id);
        meters.counter("anneal.datasets.uploaded", "status", status.name()).increment();
        log.info(
                "dataset {} ({}): {} rows, {} bytes, {} problems",
                id,
                request.name(),
                parsed.rowCount(),
                parsed.sizeBytes(),
                parsed.problems().count());
        return dataset;
    }

    private ParserLimits parserLimits() throws IOException {
        return new ParserLimits(
                uploads.maxTextCharacters(),
                new UnpackLimit(uploads.maxUnpackedSize().toBytes(), uploads.maxCompressionRatio()),
                data.own());
    }

    private DatasetRows.Summary keep(String id, UploadRequest request, DatasetParser parsed) {
        String splitColumn = parsed.columns().get("split");
        if (splitColumn != null && request.split() != null) {
            throw Problem.invalid(
                    "split",
                    "conflicting_split",
                    "The file or its field of the form already gives each row's split. Omit the field 'split'.");
        }
        DatasetRows.Summary summary = rows.keep(
                id, parsed.columns().keySet(), request.split() == null ? SplitOptions.DEFAULT : request.split());
        validator.checkNumber(summary);
        // A dataset without training rows is for evaluation only, and may have any labels.
        if (summary.splits().train() > 0) {
            validator.check(id, parsed, summary);
        }
        return summary;
    }
}
