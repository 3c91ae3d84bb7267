package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.text.Suggest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Finds datasets, jobs and models by their names, and free names for new ones. */
public enum Lookup {
    DATASET("dataset", "ds_"),
    JOB("job", "job_"),
    MODEL("model", "mdl_");

    private static final int PAGE = 1000;
    /** Names are counted on among so many of the latest. */
    private static final int RECENT = 200;

    private final String noun;
    private final String prefix;

    Lookup(String noun, String prefix) {
        this.noun = noun;
        this.prefix = prefix;
    }

    String noun() {
        return noun;
    }

    /** Returns the id of the one that has this id or name. Throws if there is none or if several have the name. */
    public String id(Api api, String idOrName) throws IOException, InterruptedException {
        if (idOrName.startsWith(prefix)) {
            return idOrName;
        }
        Set<String> names = new HashSet<>();
        String id = find(api, idOrName, names).orElseThrow(() -> missing(idOrName, names));
        api.remember(id, idOrName);
        return id;
    }

    Failure missing(String name, Set<String> names) {
        return new Failure("There is no " + noun + " named " + name + ". List them: " + Shell.anneal(noun + "s") + "."
                + Suggest.nearest(name, names));
    }

    /** Returns the id of the one that has this name, if any; {@code names} receives the names seen. */
    public Optional<String> find(Api api, String name, Set<String> names) throws IOException, InterruptedException {
        List<String> ids = new ArrayList<>();
        String after = "";
        String last;
        do {
            last = after;
            JsonNode page = api.get(path() + "?limit=" + PAGE + after);
            for (JsonNode item : page.path("data")) {
                names.add(Fields.text(item, "name"));
                if (Fields.text(item, "name").equals(name)) {
                    ids.add(Fields.text(item, "id"));
                }
                after = "&after=" + Call.segment(Fields.text(item, "id"));
            }
            if (!page.path("has_more").asBoolean(false)) {
                break;
            }
        } while (!after.equals(last));
        if (ids.size() > 1) {
            throw new Failure("There are " + ids.size() + " " + noun + "s named " + name + ". Give the id of one: "
                    + String.join(", ", ids.subList(0, Math.min(5, ids.size()))) + (ids.size() > 5 ? ", …" : "") + ".");
        }
        return ids.stream().findFirst();
    }

    /** Returns the path of the one that has this id or name. */
    public String path(Api api, String idOrName) throws IOException, InterruptedException {
        return path() + "/" + Call.segment(id(api, idOrName));
    }

    public String path(String id) {
        return path() + "/" + Call.segment(id);
    }

    private String path() {
        return "/" + noun + "s";
    }

    /** Returns the first of {@code stem-1}, {@code stem-2}, … that no recent one has. */
    public String numbered(Api api, String stem) throws IOException, InterruptedException {
        return next(recent(api), stem, "", 1);
    }

    /** Returns a file's name, or {@code name-2.csv}, {@code name-3.csv}, … if recent ones have it. */
    public String ofFile(Api api, String file) throws IOException, InterruptedException {
        int dot = file.lastIndexOf('.');
        String stem = dot > 0 ? file.substring(0, dot) : file;
        String extension = dot > 0 ? file.substring(dot) : "";
        Set<String> taken = recent(api);
        return taken.contains(file) ? next(taken, stem, extension, 2) : file;
    }

    private static String next(Set<String> taken, String stem, String extension, int first) {
        Pattern numbered = Pattern.compile(Pattern.quote(stem) + "-(\\d{1,9})" + Pattern.quote(extension));
        int highest = taken.stream()
                .map(numbered::matcher)
                .filter(matcher -> matcher.matches())
                .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                .max()
                .orElse(first - 1);
        return stem + "-" + Math.max(first, highest + 1) + extension;
    }

    private Set<String> recent(Api api) throws IOException, InterruptedException {
        Set<String> names = new HashSet<>();
        api.get(path() + "?limit=" + RECENT).path("data").forEach(item -> names.add(Fields.text(item, "name")));
        return names;
    }
}
