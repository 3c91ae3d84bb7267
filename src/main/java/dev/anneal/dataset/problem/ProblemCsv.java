package dev.anneal.dataset.problem;

import dev.anneal.text.Csv;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Problems as a CSV file, for a spreadsheet. */
public final class ProblemCsv {
    private ProblemCsv() {}

    /** Returns the answer with a file of this name, without its suffix. */
    public static ResponseEntity<byte[]> answer(String name, List<ProblemView> problems) {
        StringBuilder csv = new StringBuilder("file,line,column,severity,code,message\r\n");
        for (ProblemView problem : problems) {
            csv.append(Csv.text(problem.file())).append(',');
            csv.append(problem.line() == null ? "" : problem.line()).append(',');
            csv.append(Csv.text(problem.column())).append(',');
            csv.append(problem.severity()).append(',');
            csv.append(Csv.field(problem.code())).append(',');
            csv.append(Csv.text(problem.message())).append("\r\n");
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + ".csv\"")
                .body(csv.toString().getBytes(StandardCharsets.UTF_8));
    }
}
