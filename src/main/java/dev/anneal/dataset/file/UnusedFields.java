package dev.anneal.dataset.file;

import dev.anneal.dataset.unpack.Compression;
import dev.anneal.dataset.unpack.Encoding;
import dev.anneal.dataset.unpack.ZipStream;
import dev.anneal.text.Suggest;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Refuses fields of a request that have no effect on any of its files: whoever sends them expects one. */
final class UnusedFields {
    private static final int LONGEST_MARK = 4;
    private static final String LEAVE_OUT = "Leave it out.";

    private final UploadRequest request;
    private final List<Problem.Error> errors = new ArrayList<>();

    private UnusedFields(UploadRequest request) {
        this.request = request;
    }

    /** Refuses labels of files that are not there, before the others are read in another way than their labels would have them read. */
    static void refuseUnknownFiles(UploadRequest request, List<UploadedFile> files) throws IOException {
        Collection<String> names = files.stream().map(UploadedFile::name).toList();
        if (!names.containsAll(request.labels().byFile().keySet())) {
            for (UploadedFile file : files) {
                if (mayBeZip(file)) {
                    return; // the names may be those of files in it
                }
            }
        }
        UnusedFields unused = new UnusedFields(request);
        unused.checkNames(names);
        unused.refuse();
    }

    private static boolean mayBeZip(UploadedFile file) throws IOException {
        try (InputStream in = file.content().open()) {
            byte[] start = in.readNBytes(LONGEST_MARK);
            return ZipStream.isZip(start) || Compression.of(start).isPresent();
        }
    }

    /**
     * Refuses fields after all files are read.
     *
     * @param sources how they were read
     * @param roles of their columns; empty if no row could be read
     * @param names of all files, also of those in a zip
     */
    static void refuse(UploadRequest request, List<FileSource> sources, Set<String> roles, Collection<String> names) {
        UnusedFields unused = new UnusedFields(request);
        FileOptions files = request.files();
        unused.check(
                files.delimiter() != null && sources.stream().allMatch(file -> file.delimiter() == null),
                "delimiter",
                "is only for CSV and TSV");
        unused.check(
                files.header() != null && sources.stream().allMatch(file -> file.header() == null),
                "header",
                "is only for CSV, TSV and Excel");
        boolean isOther = files.encoding() != null && !files.encoding().equals(Encoding.UTF_8.title());
        unused.check(
                isOther
                        && sources.stream()
                                .allMatch(file -> file.encoding() == null
                                        && !file.format().equals("folders")),
                "encoding",
                "is only for files of text");
        if (!roles.isEmpty()) {
            boolean hasLabels = roles.contains("label") || roles.contains("labels") || roles.contains("tags");
            unused.check(
                    !request.labels().names().isEmpty() && !hasLabels,
                    "label_names",
                    "is only for rows with labels or tags");
            unused.check(
                    request.labels().until() != null && !roles.contains("label"),
                    "label_until",
                    "is only for rows with one label each");
            unused.check(
                    request.labels().separator() != null
                            && (!roles.contains("labels")
                                    || request.columns()
                                                    .getOrDefault("labels", List.of())
                                                    .size()
                                            > 1),
                    "label_separator",
                    "is only for one column of labels, which has the role 'labels'",
                    request.columns().getOrDefault("label", List.of()).stream()
                            .findFirst()
                            .map(column -> "Name the column in 'columns' as {\"labels\": \"%s\"}."
                                    .formatted(Problem.quote(column)))
                            .orElse(LEAVE_OUT));
        }
        unused.checkNames(names);
        unused.refuse();
    }

    private void check(boolean isUnused, String field, String what) {
        check(isUnused, field, what, LEAVE_OUT);
    }

    private void check(boolean isUnused, String field, String what, String todo) {
        if (isUnused) {
            errors.add(Problem.Error.field(
                    field,
                    "unused_field",
                    "'%s' %s, so it has no effect on these files. %s".formatted(field, what, todo)));
        }
    }

    /** Finds labels of files that are not there. If each file has a label, others do no harm. */
    private void checkNames(Collection<String> names) {
        if (request.labels().byFile().keySet().containsAll(names)) {
            return;
        }
        request.labels().byFile().keySet().stream()
                .filter(name -> !names.contains(name))
                .forEach(name -> errors.add(Problem.Error.field(
                        "file_labels",
                        "unused_field",
                        "'file_labels' names '%s', but no file is called so.%s"
                                .formatted(Problem.quote(name), Suggest.nearest(name, names)))));
    }

    private void refuse() {
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
    }
}
