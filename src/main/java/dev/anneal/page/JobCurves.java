package dev.anneal.page;

import dev.anneal.report.html.Html;

/** The curves of a job and its log, for which a script follows the events. */
final class JobCurves {
    private JobCurves() {}

    /** Writes the places of the charts, which a script fills and keeps up to date. */
    static void write(Html html, String job, boolean isLive) {
        html.open(
                "section",
                "id",
                "curves",
                "aria-labelledby",
                "curves-title",
                "data-job",
                job,
                "data-ended",
                String.valueOf(!isLive));
        html.element("h2", "Curves", "id", "curves-title");
        html.element("p", "", "id", "connection", "class", "note", "role", "status");
        html.element("p", "", "id", "curve-table", "class", "note");
        html.open("div", "class", "charts");
        chart(html, "loss", "Loss");
        chart(html, "scores", "Metrics of the validation rows");
        chart(html, "rate", "Learning rate");
        chart(html, "speed", "Throughput");
        html.close("div");
        html.element("p", "Drag over a chart to enlarge a range. Double-click to see all.", "class", "note");
        html.close("section");
    }

    private static void chart(Html html, String name, String title) {
        html.open("figure", "class", "chart")
                .element("figcaption", title)
                .open("div", "id", "chart-" + name)
                .close("div")
                .close("figure");
    }

    /** Writes the place of the log, which the same script fills. */
    static void log(Html html) {
        html.open("section", "aria-labelledby", "log-title").element("h2", "Log", "id", "log-title");
        html.open("ol", "id", "log", "class", "log", "tabindex", "0", "aria-label", "Lines of the log")
                .close("ol");
        html.close("section");
    }
}
