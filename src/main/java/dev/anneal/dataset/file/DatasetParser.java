package dev.anneal.dataset.file;

import dev.anneal.dataset.problem.RowProblems;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of parsing the files of a dataset: their task, columns and size, how each was read, and the problems of the rows.
 * The format is that of the first file; the hash is that of the bytes of all files in their order.
 *
 * @param isComplete whether all rows were read. Nothing after a row that cannot be read is
 */
public record DatasetParser(
        String format,
        DatasetTask task,
        Map<String, String> columns,
        List<FileSource> files,
        long rowCount,
        long sizeBytes,
        String sha256,
        RowProblems problems,
        boolean isComplete) {
    /** Receives the good rows, one at a time. */
    public interface Sink {
        void add(Row row) throws IOException;
    }

    /** Parses and checks the files, with one row in memory at a time. */
    public static DatasetParser parse(List<UploadedFile> files, UploadRequest request, ParserLimits limits, Sink sink)
            throws IOException {
        UnusedFields.refuseUnknownFiles(request, files);
        FileParser parser = new FileParser(request, limits, files.size() > 1, sink);
        for (UploadedFile file : files) {
            parser.read(file);
        }
        return parser.result();
    }

    /** Returns the columns by role, with a comma between the names of several. */
    static Map<String, String> joined(Map<String, List<String>> columns) {
        Map<String, String> joined = new LinkedHashMap<>();
        columns.forEach((role, names) -> joined.put(role, String.join(", ", names)));
        return joined;
    }
}
