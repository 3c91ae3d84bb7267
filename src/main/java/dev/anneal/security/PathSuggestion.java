package dev.anneal.security;

import dev.anneal.text.Suggest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Suggests an existing path for one that does not exist: a misspelled one, or that of a similar API. */
public final class PathSuggestion {
    private static final String BASE = "/api/v1";
    private static final String MODELS = BASE + "/models/";
    /** Paths of the OpenAI API, without their version. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "/files", BASE + "/datasets",
            "/uploads", BASE + "/datasets",
            "/fine_tuning/jobs", BASE + "/jobs",
            "/fine-tunes", BASE + "/jobs",
            "/chat/completions", MODELS + "MODEL/generate",
            "/completions", MODELS + "MODEL/generate");

    /** The names of a call of a model in other APIs. */
    private static final Map<String, String> CALLS = Map.of(
            "chat", "generate",
            "chat/completions", "generate",
            "complete", "generate",
            "completions", "generate",
            "classify", "predict",
            "infer", "predict",
            "invoke", "predict");

    private PathSuggestion() {}

    /** Returns a sentence with a leading space, or "" if no path is similar. */
    public static String of(String path) {
        String plain = path.replaceFirst("/+$", "");
        String relative = plain.replaceFirst("^(/api)?(/v\\d+)?(?=/)", "");
        String elsewhere = ELSEWHERE.get(relative);
        if (elsewhere != null) {
            return Suggest.name(elsewhere);
        }
        String nearest = Stream.of(plain, BASE + relative)
                .map(PathSuggestion::nearest)
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse("");
        if (!nearest.isEmpty()) {
            return Suggest.name(nearest);
        }
        int slash = plain.startsWith(MODELS) ? plain.indexOf('/', MODELS.length()) : -1;
        String call = slash < 0 ? null : CALLS.get(plain.substring(slash + 1));
        if (call != null) {
            return Suggest.name(plain.substring(0, slash + 1) + call);
        }
        return slash > 0 ? " If the name of the model has a slash, write it as %2F." : "";
    }

    /** Returns the operation's path whose segments are the most similar, with the given ids, or "". */
    private static String nearest(String path) {
        List<String> given = List.of(path.split("/", -1));
        List<String> similar = new ArrayList<>();
        for (String pattern : OperationPermissions.ALL.stream()
                .map(operation -> operation.path().getPatternString())
                .distinct()
                .collect(Collectors.toList())) {
            List<String> segments = List.of(pattern.split("/", -1));
            if (segments.size() == given.size()) {
                List<String> filled = new ArrayList<>();
                boolean fits = true;
                for (int i = 0; i < segments.size(); i++) {
                    String segment = segments.get(i);
                    boolean id = segment.startsWith("{");
                    filled.add(id ? given.get(i) : segment);
                    fits &= id
                            ? !given.get(i).isEmpty()
                            : segment.equals(given.get(i))
                                    || !Suggest.nearest(given.get(i), List.of(segment))
                                            .isEmpty();
                }
                if (fits) {
                    similar.add(String.join("/", filled));
                }
            }
        }
        return similar.stream()
                .min((a, b) -> Integer.compare(Suggest.distance(path, a), Suggest.distance(path, b)))
                .orElse("");
    }
}
