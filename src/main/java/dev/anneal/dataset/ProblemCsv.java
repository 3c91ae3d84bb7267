package dev.anneal.dataset;

import dev.anneal.dataset.file.ProblemView;
import dev.anneal.text.Csv;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Problems as a CSV file, for a spreadsheet. */
final class ProblemCsv {
    /** The first characters of what spreadsheets take for a formula. */
    private static final String FORMULA = "=+-@\t\r";

    private ProblemCsv() {}

    /** Returns the answer with a file of this name, without its suffix. */
    static ResponseEntity<byte[]> answer(String name, List<ProblemView> problems) {
        StringBuilder csv = new StringBuilder("file,line,column,severity,code,message\r\n");
        for (ProblemView problem : problems) {
            csv.append(cell(problem.file())).append(',');
            csv.append(problem.line() == null ? "" : problem.line()).append(',');
            csv.append(cell(problem.column())).append(',');
            csv.append(problem.severity()).append(',');
            csv.append(Csv.field(problem.code())).append(',');
            csv.append(cell(problem.message())).append("\r\n");
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + ".csv\"")
                .body(csv.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a field that a spreadsheet does not take for a formula. */
    private static String cell(@Nullable String text) {
        boolean isFormula = text != null && !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0;
        return Csv.field(isFormula ? "'" + text : text);
    }
}
