package dev.anneal.dataset;

import dev.anneal.web.Ids;
import dev.anneal.web.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.multipart.MultipartFile;

/** From an uploaded file to a dataset, in one transaction: the whole of it is there, or nothing. */
@Component
class DatasetUpload {
    private static final Logger log = LoggerFactory.getLogger(DatasetUpload.class);

    private static final int MAX_LABELS = 1_000;

    private final Datasets datasets;
    private final DatasetRows rows;
    private final MeterRegistry meters;
    private final int maxText;

    DatasetUpload(
            Datasets datasets,
            DatasetRows rows,
            MeterRegistry meters,
            @Value("${anneal.upload.max-text-characters:1000000}") int maxText) {
        this.datasets = datasets;
        this.rows = rows;
        this.meters = meters;
        this.maxText = maxText;
    }

    /** A dataset that is ready, or one that is rejected and keeps only its problems. */
    @Transactional(rollbackFor = Exception.class)
    Dataset upload(MultipartFile file, UploadRequest request) throws IOException, SQLException {
        DatasetRows.Incoming incoming = rows.incoming();
        ParsedFile parsed;
        try (InputStream in = file.getInputStream()) {
            parsed = ParsedFile.read(in, request, maxText, incoming);
            incoming.finish();
        } finally {
            incoming.cancel();
        }
        String id = Ids.next("ds");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS); // Postgres keeps no more
        boolean bad = parsed.problems().count() > 0;
        DatasetRows.Summary summary = bad ? DatasetRows.Summary.NONE : keep(id, request, parsed);
        Dataset.Status status = bad ? Dataset.Status.rejected : Dataset.Status.ready;
        Dataset dataset = datasets.saveAndFlush(new Dataset(id, request, parsed, status, summary, now));
        rows.keepProblems(id, parsed.problems().kept());
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

    private DatasetRows.Summary keep(String id, UploadRequest request, ParsedFile parsed) {
        String splitColumn = parsed.columns().get("split");
        if (splitColumn != null && request.shares() != null) {
            throw Problem.invalid(
                    "split",
                    "conflicting_split",
                    "The column '" + splitColumn + "' says each row's split; leave the field 'split' out.");
        }
        DatasetRows.Summary summary = rows.keep(id, request.shares() == null ? SplitShares.DEFAULT : request.shares());
        if (summary.splits().train() > 0) {
            checkTrainable(id, summary);
        }
        return summary;
    }

    /** A dataset without rows for training is one to evaluate with, and may hold any labels. */
    private void checkTrainable(String id, DatasetRows.Summary summary) {
        if (summary.labels().size() > MAX_LABELS) {
            throw Problem.unprocessable(
                    "too_many_labels",
                    "The file has %,d labels; at most %,d are taken. Is the right column the label?"
                            .formatted(summary.labels().size(), MAX_LABELS));
        }
        if (summary.labels().size() == 1) {
            throw Problem.unprocessable(
                    "single_class",
                    "Every row has the label '" + summary.labels().get(0).name()
                            + "'; a classifier needs at least two labels.");
        }
        List<String> rare = summary.labels().stream()
                .filter(label -> label.count() == 1)
                .map(Dataset.LabelCount::name)
                .toList();
        if (!rare.isEmpty()) {
            throw Problem.unprocessable(
                    "label_too_rare",
                    "Labels in one row only: " + shorten(rare)
                            + ". What is learned from one row cannot be checked: add rows, or leave the label out.");
        }
        Set<String> learned = Set.copyOf(rows.labels(id, "train"));
        List<String> unlearned = summary.labels().stream()
                .map(Dataset.LabelCount::name)
                .filter(name -> !learned.contains(name))
                .toList();
        if (!unlearned.isEmpty()) {
            throw Problem.unprocessable(
                    "label_not_in_train", "Labels without a row for training: " + shorten(unlearned) + ".");
        }
    }

    private static String shorten(List<String> names) {
        String shown = String.join(", ", names.subList(0, Math.min(10, names.size())));
        return names.size() > 10 ? shown + " and " + (names.size() - 10) + " more" : shown;
    }
}
