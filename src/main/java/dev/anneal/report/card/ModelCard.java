package dev.anneal.report.card;

import static dev.anneal.report.card.Escapes.markdown;
import static dev.anneal.report.card.Escapes.sentence;
import static dev.anneal.report.card.Escapes.yaml;

import dev.anneal.evaluation.Metric;
import dev.anneal.json.Json;
import dev.anneal.report.Advice;
import dev.anneal.report.Baselines;
import dev.anneal.report.Settings;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.section.MetricText;
import dev.anneal.report.section.Subject;
import dev.anneal.transformer.architecture.LongTexts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The README.md of an exported model in the form of a Hugging Face model card: a header in YAML for programs, and what people should know
 * about the data, the training, the figures, the limits and the base model.
 */
public final class ModelCard {
    private static final int MOST_LABELS = 50;

    /** The names of our metrics at the hub. */
    private static final Map<String, String> HUB_METRICS = Map.ofEntries(
            Map.entry("accuracy", "accuracy"),
            Map.entry("f1", "f1"),
            Map.entry("f1_macro", "f1"),
            Map.entry("f1_micro", "f1"),
            Map.entry("precision", "precision"),
            Map.entry("recall", "recall"),
            Map.entry("matthews_correlation", "matthews_correlation"),
            Map.entry("rmse", "rmse"),
            Map.entry("mae", "mae"),
            Map.entry("r2", "r_squared"),
            Map.entry("pearson", "pearsonr"),
            Map.entry("spearman", "spearmanr"),
            Map.entry("perplexity", "perplexity"),
            Map.entry("loss", "loss"));

    private final Subject subject;
    private final String name;
    private final BaseModel base;
    private final StringBuilder out = new StringBuilder();

    private ModelCard(Subject subject, String name, BaseModel base) {
        this.subject = subject;
        this.name = name;
        this.base = base;
    }

    /**
     * Returns the card.
     *
     * @param name the name of the model
     */
    public static String of(Subject subject, String name, BaseModel base) {
        ModelCard card = new ModelCard(subject, name, base);
        card.header();
        card.introduction();
        card.use();
        card.figures();
        card.data();
        card.training();
        card.limits();
        card.license();
        return card.out.toString();
    }

    private void header() {
        line("---");
        if (base.repository() != null) {
            line("base_model: " + yaml(base.repository()));
        }
        if (base.license() != null) {
            line("license: " + yaml(base.license()));
        }
        line("pipeline_tag: " + pipeline());
        line("library_name: transformers");
        line("tags:");
        line("- anneal");
        if (subject.spec().method().type().equals("lora")) {
            line("- lora");
        }
        List<Metric> metrics = metrics();
        if (!metrics.isEmpty()) {
            line("metrics:");
            metrics.stream()
                    .map(metric -> HUB_METRICS.getOrDefault(metric.name(), metric.name()))
                    .distinct()
                    .forEach(metric -> line("- " + metric));
            if (!subject.isOutOfFold()) { // the index is of figures of this model
                index(metrics);
            }
        }
        line("---");
    }

    private void index(List<Metric> metrics) {
        String data = testData();
        line("model-index:");
        line("- name: " + yaml(name));
        line("  results:");
        line("  - task:");
        line("      type: " + pipeline());
        line("    dataset:");
        line("      name: " + yaml(data));
        line("      type: " + yaml(data));
        line("      split: " + yaml(split()));
        line("    metrics:");
        for (Metric metric : metrics) {
            line("    - type: " + HUB_METRICS.getOrDefault(metric.name(), metric.name()));
            line("      name: " + yaml(metric.title()));
            line("      value: " + number(subject.report().path(metric.name())));
        }
    }

    private List<Metric> metrics() {
        return subject.metrics().stream()
                .filter(metric -> !metric.equals(Metric.LOSS))
                .toList();
    }

    private String pipeline() {
        return switch (subject.spec().task()) {
            case TEXT_CLASSIFICATION, MULTI_LABEL, TEXT_REGRESSION -> "text-classification";
            case TOKEN_CLASSIFICATION -> "token-classification";
            case CAUSAL_LM -> "text-generation";
            case MASKED_LM -> "fill-mask";
        };
    }

    /** Returns a number with all its digits, as YAML has it. */
    private static String number(JsonNode value) {
        double number = value.asDouble();
        return Double.isFinite(number) ? Json.write(number) : "null";
    }

    private String split() {
        return subject.report().path("split").asString("validation");
    }

    private String testData() {
        return subject.dataset(split())
                .map(Subject.Data::name)
                .orElse(subject.spec().dataset());
    }

    private void introduction() {
        line("");
        line("# " + markdown(name));
        line("");
        line("A model for %s: %s, fine-tuned on %s."
                .formatted(
                        subject.spec().task().text().replace('-', ' '),
                        markdown(base.name()),
                        markdown(trainingData())));
        if (!subject.spec().labels().isEmpty()) {
            List<String> labels = subject.spec().labels();
            String more = labels.size() > MOST_LABELS ? " and %d more".formatted(labels.size() - MOST_LABELS) : "";
            line("");
            line("Its labels: "
                    + String.join(
                            ", ",
                            labels.stream()
                                    .limit(MOST_LABELS)
                                    .map(Escapes::markdown)
                                    .toList())
                    + more + ".");
        }
    }

    private String trainingData() {
        return subject.dataset("train")
                .map(Subject.Data::name)
                .orElse(subject.spec().dataset());
    }

    private void use() {
        heading("Use");
        line("```python");
        line("from transformers import pipeline");
        line("");
        line("model = pipeline(\"" + pipeline() + "\", model=\".\")  # the folder of this file");
        line("print(model(\"Your text\"))");
        line("```");
    }

    private void figures() {
        JsonNode report = subject.report();
        List<Metric> metrics = metrics();
        if (metrics.isEmpty()) {
            return;
        }
        heading("Figures");
        line("On %s of %s. An interval contains the true value in 95 %% of all samples."
                .formatted(rows(), markdown(testData())));
        if (subject.isOutOfFold()) {
            line(
                    "Each row was computed by a model that was trained without it. This model was trained on all of them, so its own figures are not known.");
        }
        line("");
        line("| Metric | Value | 95 % interval |");
        line("|---|---:|---:|");
        for (Metric metric : metrics) {
            line("| %s | %s | %s |"
                    .formatted(
                            MetricText.heading(metric.name()),
                            MetricText.value(metric.name(), report),
                            MetricText.interval(
                                    metric.name(), report.path("intervals").path(metric.name()))));
        }
        labels(report.path("labels").isEmpty() ? report.path("entities") : report.path("labels"));
        baselines();
    }

    /** Returns the rows of the figures in words. */
    private String rows() {
        JsonNode report = subject.report();
        boolean isCounted = report.path("examples").isNumber();
        if (subject.isOutOfFold()) {
            return "%s (%s)"
                    .formatted(
                            Numbers.count(report.path("examples").asLong(), "out-of-fold row"),
                            Numbers.count(
                                    report.path("cross_validation")
                                            .path("folds")
                                            .asLong(0),
                                    "fold"));
        }
        return isCounted
                ? Numbers.count(report.path("examples").asLong(), split() + " row")
                : "the " + split() + " rows";
    }

    private void labels(JsonNode labels) {
        if (labels.isEmpty()) {
            return;
        }
        line("");
        line("| Label | Precision | Recall | F1 | Rows |");
        line("|---|---:|---:|---:|---:|");
        labels.valueStream()
                .limit(MOST_LABELS)
                .forEach(label -> line("| %s | %s | %s | %s | %s |"
                        .formatted(
                                markdown(label.path("label").asString("")),
                                Numbers.decimal(label, "precision"),
                                Numbers.decimal(label, "recall"),
                                Numbers.decimal(label, "f1"),
                                Numbers.count(label, "support"))));
        if (labels.size() > MOST_LABELS) {
            line("");
            line("training.json has the other %d labels.".formatted(labels.size() - MOST_LABELS));
        }
    }

    private void baselines() {
        String metric = subject.headline().map(Metric::name).orElse("");
        for (JsonNode baseline : Baselines.with(subject, metric)) {
            JsonNode gain = baseline.path("gains").path(metric);
            line("");
            line("%s of the model is %s compared with %s (%s)."
                    .formatted(
                            MetricText.heading(metric),
                            MetricText.difference(metric, gain.path("gain")),
                            Baselines.name(baseline),
                            gain.path("interval").path("low").isNumber()
                                    ? "95 % interval " + MetricText.differences(metric, gain.path("interval"))
                                    : "without an interval: the rows do not say how far this may be off"));
        }
    }

    private void data() {
        heading("Data");
        if (subject.datasets().isEmpty()) {
            line("The dataset %s was deleted.".formatted(markdown(subject.spec().dataset())));
            return;
        }
        line("| Dataset | Used for | Training rows | Validation rows | Test rows | SHA-256 |");
        line("|---|---|---:|---:|---:|---|");
        for (Subject.Data data : subject.datasets()) {
            line("| %s (%s) | %s | %s | %s | %s | `%s` |"
                    .formatted(
                            markdown(data.name()),
                            data.id(),
                            String.join(", ", data.splits()),
                            Numbers.count(data.train()),
                            Numbers.count(data.validation()),
                            Numbers.count(data.test()),
                            data.sha256()));
        }
        line("");
        line(
                "The hash is that of the rows, so it names the version of the dataset. The files of this model have no row of it.");
    }

    private void training() {
        heading("Training");
        Instant started = subject.run().started();
        line("Job %s%s. All settings and the metrics of each epoch are in training.json."
                .formatted(subject.id(), started == null ? "" : ", started on " + Numbers.time(started)));
        line("");
        line("| Setting | Value |");
        line("|---|---|");
        Settings.forEach(
                subject, (setting, value) -> line("| %s | %s |".formatted(markdown(setting), markdown(value))));
    }

    private void limits() {
        heading("Limits");
        line(
                "- The figures are those of the rows above. Texts of another kind may give worse results. Measure it on them first.");
        line((subject.spec().taskOptions().longTexts() == LongTexts.WINDOWS
                        ? "- A text of more than %d tokens is read in windows of so many. Its scores are the means of theirs."
                        : "- A text is read up to %d tokens.")
                .formatted(subject.hyperparameters().maxLength()));
        for (String sentence : Advice.sentences(subject)) {
            line("- " + sentence(sentence));
        }
        if (!subject.spec().task().isLanguageModel()
                && subject.findings().path("counterfactuals").isEmpty()) {
            line("- Whether the model treats groups of people alike was not measured.");
        }
        if (subject.spec().task().isLanguageModel()) {
            line("- It may write what is wrong or offensive, as its base model may.");
        }
    }

    private void license() {
        heading("Base model and licence");
        line("%s%s%s."
                .formatted(
                        "The base model is " + markdown(base.name()),
                        base.repository() == null || base.repository().equals(base.name())
                                ? ""
                                : " (" + markdown(base.repository()) + ")",
                        base.revision() == null ? "" : ", revision " + markdown(base.revision())));
        if (base.sha256() != null) {
            line("The SHA-256 of its weights is `%s`.".formatted(base.sha256()));
        }
        line("");
        line(
                base.license() == null
                        ? "Its licence is not known to the server that trained this model. It applies to this model, too: look it up before you pass the model on."
                        : "Its licence is %s, which applies to this model, too.".formatted(markdown(base.license())));
    }

    private void heading(String heading) {
        line("");
        line("## " + heading);
        line("");
    }

    private void line(String line) {
        out.append(line).append('\n');
    }
}
