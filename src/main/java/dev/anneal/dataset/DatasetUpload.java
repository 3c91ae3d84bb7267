package dev.anneal.dataset;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.ParserLimits;
import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.format.UnpackLimit;
import dev.anneal.local.DataDirectory;
import dev.anneal.project.Quotas;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Idempotency;
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
import org.springframework.transaction.interceptor.TransactionAspectSupport;

/** Turns uploaded files into a dataset, in one transaction. */
@Component
class DatasetUpload {
    private static final Logger log = LoggerFactory.getLogger(DatasetUpload.class);

    private final Datasets datasets;
    private final DatasetRows rows;
    private final DatasetIntake intake;
    private final Quotas quotas;
    private final MeterRegistry meters;
    private final UploadSettings uploads;
    private final DataDirectory data;

    DatasetUpload(
            Datasets datasets,
            DatasetRows rows,
            DatasetIntake intake,
            Quotas quotas,
            MeterRegistry meters,
            UploadSettings uploads,
            DataDirectory data) {
        this.datasets = datasets;
        this.rows = rows;
        this.intake = intake;
        this.quotas = quotas;
        this.meters = meters;
        this.uploads = uploads;
        this.data = data;
    }

    /** Returns a dataset that is ready, or one that is rejected and has only problems. */
    @Transactional(rollbackFor = Exception.class)
    Dataset upload(List<UploadedFile> files, UploadRequest request, UploadChecks checks, Idempotency.Made made)
            throws IOException, SQLException {
        String id = Ids.next("ds");
        DatasetIntake.Taken taken = take(id, files, request, checks);
        String project = Caller.current().project();
        quotas.oneMoreDataset(project);
        quotas.moreBytes(project, taken.file().sizeBytes());
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS); // the precision of Postgres
        Dataset dataset = datasets.saveAndFlush(new Dataset(id, project, request.name(), taken, now));
        rows.keepProblems(id, taken.file().problems().kept());
        made.as(id);
        meters.counter("anneal.datasets.uploaded", "status", taken.status().name())
                .increment();
        log.info(
                "dataset {} ({}): {} rows, {} bytes, {} errors, {} warnings",
                id,
                request.name(),
                taken.file().rowCount(),
                taken.file().sizeBytes(),
                taken.file().problems().count(),
                taken.file().problems().warningCount());
        return dataset;
    }

    /** Returns what an upload of the files would give, and keeps nothing. */
    @Transactional(rollbackFor = Exception.class)
    CheckReport check(List<UploadedFile> files, UploadRequest request, UploadChecks checks)
            throws IOException, SQLException {
        TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
        return CheckReport.of(take(Ids.next("ds"), files, request, checks));
    }

    private DatasetIntake.Taken take(String id, List<UploadedFile> files, UploadRequest request, UploadChecks checks)
            throws IOException, SQLException {
        return intake.take(
                id, sink -> DatasetParser.parse(files, request, parserLimits(), sink), request.split(), checks);
    }

    private ParserLimits parserLimits() throws IOException {
        return new ParserLimits(
                uploads.maxTextCharacters(),
                new UnpackLimit(uploads.maxUnpackedSize().toBytes(), uploads.maxCompressionRatio()),
                data.own());
    }
}
