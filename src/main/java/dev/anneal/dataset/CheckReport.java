package dev.anneal.dataset;

import dev.anneal.dataset.file.FileSource;
import dev.anneal.dataset.problem.ProblemView;
import dev.anneal.dataset.problem.RowProblems;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The result of a check on the wire: what the dataset would be, and all problems that are kept. */
record CheckReport(
        String task,
        String format,
        Dataset.Status status,
        long rowCount,
        long skippedCount,
        long sizeBytes,
        String sha256,
        Map<String, String> columns,
        List<FileSource> files,
        List<Dataset.LabelCount> labels,
        Dataset.Splits splits,
        long problemCount,
        long warningCount,
        List<RowProblems.CodeCount> problemCodes,
        List<ProblemView> problems) {
    static CheckReport of(DatasetIntake.Taken taken) {
        RowProblems problems = taken.file().problems();
        List<RowProblems.RowProblem> kept = problems.kept();
        return new CheckReport(
                taken.file().task().text(),
                taken.file().format(),
                taken.status(),
                taken.summary().count(),
                taken.skipped(),
                taken.file().sizeBytes(),
                taken.file().sha256(),
                taken.file().columns(),
                taken.file().files(),
                taken.summary().labels(),
                taken.summary().splits(),
                problems.count(),
                problems.warningCount(),
                problems.codes(),
                IntStream.range(0, kept.size())
                        .mapToObj(i -> new ProblemView(
                                i + 1L,
                                kept.get(i).file(),
                                kept.get(i).line(),
                                kept.get(i).column(),
                                kept.get(i).severity(),
                                kept.get(i).code(),
                                kept.get(i).message()))
                        .toList());
    }
}
