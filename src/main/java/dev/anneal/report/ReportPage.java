package dev.anneal.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.row.AnswerSamples;
import dev.anneal.report.row.HardRows;
import dev.anneal.report.row.Mislabelled;
import dev.anneal.report.row.Mistakes;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import dev.anneal.report.slice.Exchanges;
import dev.anneal.report.slice.GroupTable;
import dev.anneal.report.slice.SliceTables;
import dev.anneal.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The report as one HTML page that needs nothing else: no other file, no script. It is as good from a disk or in a mail as from the
 * server. Long lists are cut, so its size is bounded.
 */
public final class ReportPage {
    private static final String STYLE = style();

    /** The content security policy of the page: its own style sheet, and nothing else. */
    public static final String POLICY = "default-src 'none'; style-src 'sha256-"
            + Base64.getEncoder().encodeToString(Sha256.digest().digest(STYLE.getBytes(UTF_8)))
            + "'; base-uri 'none'; form-action 'none'";

    private ReportPage() {}

    public static String of(Subject subject) {
        List<Section> sections = sections(subject);
        Html html = new Html();
        html.open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        // A page that was saved has no headers.
        html.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.element("title", Html.cut(subject.name(), 80) + ": report").style(STYLE);
        html.close("head").open("body");
        header(html, subject, sections);
        html.open("main");
        for (Section section : sections) {
            html.open("section", "aria-labelledby", section.id()).element("h2", section.title(), "id", section.id());
            section.write(html);
            html.close("section");
        }
        html.close("main");
        footer(html, subject);
        return html.close("body").close("html").page();
    }

    private static List<Section> sections(Subject subject) {
        Stream<Section> all = Stream.of(
                new Advice(subject),
                new MetricTable(subject),
                new Baselines(subject),
                new ComparisonTable(subject),
                new FoldTable(subject),
                new LearningCurves(subject),
                new RowCurve(subject),
                new ForgettingTable(subject),
                new LabelTable(subject),
                new Confusions(subject),
                new EntityTable(subject),
                new ResidualChart(subject),
                new AnswerSamples(subject),
                new Mistakes(subject),
                new HardRows(subject),
                new Mislabelled(subject),
                new SliceTables(subject),
                new Exchanges(subject),
                new GroupTable(subject),
                new Calibrations(subject),
                new Thresholds(subject),
                new DataTable(subject),
                new Settings(subject),
                new Cost(subject));
        return all.filter(section -> !section.isEmpty()).toList();
    }

    private static void header(Html html, Subject subject, List<Section> sections) {
        html.open("header");
        html.element("p", subject.isEvaluation() ? "Report of an evaluation" : "Report of a job", "class", "kind");
        html.open("h1").user(subject.name(), 200).close("h1");
        html.open("p", "class", "facts").user(subject.model(), 120);
        html.text(subject.isEvaluation() ? " evaluated on " : " fine-tuned on ");
        html.user(
                subject.datasets().isEmpty()
                        ? subject.spec().dataset()
                        : subject.datasets().get(0).name(),
                120);
        html.text(" for " + subject.purpose());
        if (subject.run().finished() != null) {
            html.text(", finished on " + Numbers.time(subject.run().finished()));
        }
        html.text(".").close("p");
        new Headline(subject).write(html);
        html.open("nav", "aria-label", "Sections").open("ul");
        for (Section section : sections) {
            html.open("li")
                    .element("a", section.title(), "href", "#" + section.id())
                    .close("li");
        }
        html.close("ul").close("nav").close("header");
    }

    private static void footer(Html html, Subject subject) {
        html.open("footer");
        String version = ReportPage.class.getPackage().getImplementationVersion();
        html.element(
                "p",
                "Written by Anneal%s from %s, attempt %d%s."
                        .formatted(
                                version == null ? "" : " " + version,
                                subject.id(),
                                subject.run().attempts(),
                                subject.published() == null ? "" : ", model " + subject.published()));
        html.element(
                "p",
                "The same in JSON, with all rows: GET /api/v1/%s/%s/report. The figures are explained in docs/reports.md."
                        .formatted(subject.isEvaluation() ? "evaluations" : "jobs", subject.id()));
        html.close("footer");
    }

    private static String style() {
        try (InputStream css = Objects.requireNonNull(ReportPage.class.getResourceAsStream("/pages/report.css"))) {
            return new String(css.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
