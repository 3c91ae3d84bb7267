package dev.anneal.job.evaluate;

import dev.anneal.dataset.DatasetCreation;
import dev.anneal.job.Job;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.json.Json;
import dev.anneal.role.ForRole;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.DownloadLimit;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.node.ObjectNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/predictions")
class PredictionController extends ComputedController<ComputedView> {
    /** The fields of a form that say what is computed. The others say how the file is read. */
    private static final List<String> OWN = List.of("model", "precision");

    private static final List<String> FIELDS =
            Stream.concat(OWN.stream(), DatasetCreation.TEXT_FIELDS.stream()).toList();

    private final RowPredictions predictions;
    private final DatasetCreation datasets;

    PredictionController(
            Evaluations evaluations, RowPredictions predictions, DatasetCreation datasets, DownloadLimit downloads) {
        super(JobKind.prediction, "createPrediction", evaluations, downloads);
        this.predictions = predictions;
        this.datasets = datasets;
    }

    /** Makes a dataset of the file of a form, and queues the prediction for it. */
    @PostMapping(path = "/upload", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    ResponseEntity<ComputedView> createOfFile(
            @RequestParam Map<String, String> fields,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
            HttpServletRequest http)
            throws IOException, ServletException {
        ObjectNode body = Json.MAPPER.createObjectNode();
        Map<String, String> file = new HashMap<>(fields);
        for (String field : OWN) {
            String value = file.remove(field);
            if (value != null) {
                body.put(field, value);
            }
        }
        evaluations.requireModel(body); // before the file becomes a dataset
        body.put("dataset", datasets.ofTexts(http, file, FIELDS, key, prefer));
        return create(body, key);
    }

    @Override
    ComputedView view(Job job, @Nullable QueuePlace queue) {
        return ComputedView.of(job, queue);
    }

    @GetMapping("/{id}/download")
    ResponseEntity<StreamingResponseBody> download(
            @PathVariable String id, @RequestParam(defaultValue = "csv") String format) {
        Job prediction = find(id);
        if (!format.equals("csv") && !format.equals("jsonl")) {
            throw Problem.invalid("format", "unknown_format", "'format' must be csv or jsonl.");
        }
        StreamingResponseBody file = format.equals("csv")
                ? predictions.csv(prediction, new PredictionFilter(null, null, null))
                : predictions.lines(prediction);
        return file(prediction.getId() + "." + format, file);
    }
}
