package dev.anneal.job.evaluate;

import dev.anneal.job.Job;
import dev.anneal.job.JobReports;
import dev.anneal.job.queue.JobKind;
import dev.anneal.job.queue.QueuePlace;
import dev.anneal.report.ReportPage;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.web.HtmlPage;
import dev.anneal.web.Page;
import dev.anneal.web.limit.DownloadLimit;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/evaluations")
class EvaluationController extends ComputedController<EvaluationView> {
    private final RowPredictions predictions;
    private final JobReports reports;

    EvaluationController(
            Evaluations evaluations, RowPredictions predictions, JobReports reports, DownloadLimit downloads) {
        super(JobKind.evaluation, "createEvaluation", evaluations, downloads);
        this.predictions = predictions;
        this.reports = reports;
    }

    @Override
    EvaluationView view(Job job, @Nullable QueuePlace queue) {
        return EvaluationView.of(job, queue);
    }

    @GetMapping("/{id}/report")
    JsonNode report(@PathVariable String id) {
        return reports.of(find(id));
    }

    @GetMapping("/{id}/report.html")
    ResponseEntity<String> reportPage(@PathVariable String id, HttpServletResponse response) {
        return HtmlPage.of(reports.page(find(id)), ReportPage.POLICY, response);
    }

    @GetMapping("/{id}/predictions")
    RowPredictions.RowPage predictions(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String outcome,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String predicted,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after)
            throws IOException {
        Job evaluation = find(id);
        PredictionFilter filter = PredictionFilter.of(evaluation.spec(), outcome, label, predicted);
        int most = Page.limit(limit);
        // The first page may have to fetch the predictions from the bucket.
        return downloads.within(Caller.current().project(), () -> predictions.page(evaluation, filter, after, most));
    }

    @GetMapping("/{id}/predictions.csv")
    ResponseEntity<StreamingResponseBody> predictionsAsCsv(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String outcome,
            @RequestParam(required = false) @Nullable String label,
            @RequestParam(required = false) @Nullable String predicted) {
        Job evaluation = find(id);
        PredictionFilter filter = PredictionFilter.of(evaluation.spec(), outcome, label, predicted);
        StreamingResponseBody csv = predictions.csv(evaluation, filter);
        return file(evaluation.getId() + "-predictions.csv", csv);
    }
}
