package dev.anneal.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.json.Json;
import dev.anneal.model.BundledModel;
import dev.anneal.model.Model;
import dev.anneal.model.ModelView;
import dev.anneal.model.Models;
import dev.anneal.model.source.HubSource;
import dev.anneal.report.card.BaseModel;
import dev.anneal.report.card.ModelCard;
import dev.anneal.report.card.TrainingRecord;
import dev.anneal.report.section.Subject;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the model card and the training record into the directory of a trained model, before it is stored. */
@Component
public class ModelCards {
    private static final int MOST_BYTES_OF_HEADER = 64 << 10;
    private static final Pattern LICENSE =
            Pattern.compile("license:\\s*[\"']?([A-Za-z0-9][A-Za-z0-9._-]{0,60})[\"']?\\s*");

    private final Jobs jobs;
    private final JobReports reports;
    private final Models models;

    ModelCards(Jobs jobs, JobReports reports, Models models) {
        this.jobs = jobs;
        this.reports = reports;
        this.models = models;
    }

    /**
     * Writes both files.
     *
     * @param name the name of the model
     * @param figures the report of the job, or the metrics of an epoch; null if nothing was evaluated
     */
    public void write(Job job, String name, @Nullable JsonNode figures, Path directory) throws IOException {
        // The precision and the epochs were stored after the job was read.
        Job now = jobs.findById(job.getId()).orElseThrow(() -> Problem.notFound("job", job.getId()));
        Subject subject = reports.unfinished(
                now, figures instanceof ObjectNode some ? some.deepCopy() : Json.MAPPER.createObjectNode());
        BaseModel base = base(now, directory);
        Files.writeString(directory.resolve(HuggingFaceFiles.CARD), ModelCard.of(subject, name, base));
        Files.writeString(directory.resolve(HuggingFaceFiles.TRAINING), TrainingRecord.of(subject, base));
    }

    private BaseModel base(Job job, Path directory) throws IOException {
        String named = job.spec().baseModel();
        Model model = models.findBase(named, job.project()).orElse(null);
        if (model == null) {
            return new BaseModel(named, null, null, license(directory), null);
        }
        if (model.isBundled()) {
            return new BaseModel(
                    model.name(),
                    BundledModel.REPOSITORY,
                    null,
                    BundledModel.LICENSE,
                    model.view(null, null).sha256());
        }
        ModelView view = model.view(null, null);
        String source = view.source();
        boolean isFromHub = source != null && source.startsWith(HubSource.PREFIX);
        return new BaseModel(
                model.name(),
                isFromHub && source != null ? source.substring(HubSource.PREFIX.length()) : null,
                isFromHub ? view.revision() : null,
                license(directory),
                view.sha256());
    }

    /** Returns the licence that the card of the base model names in its header; null if there is none. */
    static @Nullable String license(Path directory) throws IOException {
        Path card = directory.resolve(HuggingFaceFiles.BASE_CARD);
        if (!Files.exists(card)) {
            return null;
        }
        String beginning;
        try (InputStream in = Files.newInputStream(card)) {
            beginning = new String(in.readNBytes(MOST_BYTES_OF_HEADER), UTF_8);
        }
        if (!beginning.startsWith("---")) {
            return null;
        }
        return beginning
                .lines()
                .skip(1)
                .takeWhile(line -> !line.strip().equals("---"))
                .map(LICENSE::matcher)
                .filter(Matcher::matches)
                .map(license -> license.group(1))
                .findFirst()
                .orElse(null);
    }
}
