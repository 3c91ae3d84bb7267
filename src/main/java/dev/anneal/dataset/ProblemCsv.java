package dev.anneal.dataset;

import dev.anneal.dataset.file.ProblemView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Problems as a CSV file, for a spreadsheet. */
final class ProblemCsv {
    private ProblemCsv() {}

    /** Returns the answer with a file of this name, without its suffix. */
    static ResponseEntity<byte[]> answer(String name, List<ProblemView> problems) {
        StringBuilder csv = new StringBuilder("file,line,column,severity,code,message\r\n");
        for (ProblemView problem : problems) {
            csv.append(field(problem.file())).append(',');
            csv.append(problem.line() == null ? "" : problem.line()).append(',');
            csv.append(field(problem.column())).append(',');
            csv.append(problem.severity()).append(',');
            csv.append(field(problem.code())).append(',');
            csv.append(field(problem.message())).append("\r\n");
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + ".csv\"")
                .body(csv.toString().getBytes(StandardCharsets.UTF_8));
    }

    static String field(@Nullable String text) {
        if (text == null) {
            return "";
        }
        boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
