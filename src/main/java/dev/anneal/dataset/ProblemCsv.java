package dev.anneal.dataset;

import dev.anneal.dataset.file.ProblemView;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Problems as CSV, for a spreadsheet. */
final class ProblemCsv {
    static final MediaType TYPE = MediaType.parseMediaType("text/csv;charset=UTF-8");

    private ProblemCsv() {}

    static ResponseEntity<String> answer(List<ProblemView> problems) {
        StringBuilder csv = new StringBuilder("file,line,column,severity,code,message\r\n");
        for (ProblemView problem : problems) {
            csv.append(field(problem.file())).append(',');
            csv.append(problem.line() == null ? "" : problem.line()).append(',');
            csv.append(field(problem.column())).append(',');
            csv.append(problem.severity()).append(',');
            csv.append(field(problem.code())).append(',');
            csv.append(field(problem.message())).append("\r\n");
        }
        return ResponseEntity.ok().contentType(TYPE).body(csv.toString());
    }

    static String field(@Nullable String text) {
        if (text == null) {
            return "";
        }
        boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
