package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Problem;
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
import tools.jackson.databind.JsonNode;

/** Finds datasets, jobs, models and keys by their names. */
public enum Lookup {
    DATASET("dataset", "ds_"),
    JOB("job", "job_"),
    MODEL("model", "mdl_"),
    KEY("key", "key_");

    private static final int PAGE = 1000;
    /** The statuses of those that leave their name to the next one. */
    private static final Set<String> WITHOUT_NAME = Set.of("rejected", "failed", "cancelled");

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
        if (this == DATASET && Shell.isFile(name)) {
            return new Failure(name + " is a file and no dataset yet. Upload it first: "
                    + Shell.anneal("upload " + Shell.word(name)));
        }
        return new Failure("There is no " + noun + " named " + name + ". List them with `" + Shell.anneal(noun + "s")
                + "`." + Suggest.nearest(name, names));
    }

    /** Returns the id of the one that this name means, if any; {@code names} receives the names seen. */
    public Optional<String> find(Api api, String name, Set<String> names) throws IOException, InterruptedException {
        List<String> ids = new ArrayList<>();
        List<String> ended = new ArrayList<>();
        String after = "";
        String last;
        do {
            last = after;
            JsonNode page = api.get(path() + "?limit=" + PAGE + after);
            for (JsonNode item : page.path("data")) {
                names.add(Fields.text(item, "name"));
                if (Fields.text(item, "name").equals(name)) {
                    boolean isEnded =
                            item.hasNonNull("revoked_at") || WITHOUT_NAME.contains(Fields.text(item, "status"));
                    (isEnded ? ended : ids).add(Fields.text(item, "id"));
                }
                after = "&after=" + Call.segment(Fields.text(item, "id"));
            }
            if (!page.path("has_more").asBoolean(false)) {
                break;
            }
        } while (!after.equals(last));
        if (ids.isEmpty()) {
            ids = ended;
        }
        if (ids.size() > 1) {
            throw new Failure("There are " + ids.size() + " " + noun + "s named " + name + ". Give the id of one: "
                    + String.join(", ", ids.subList(0, Math.min(5, ids.size()))) + (ids.size() > 5 ? ", …" : "") + ".");
        }
        return ids.stream().findFirst();
    }

    /** Refuses a name that the server would refuse, for a command that does something before it sends the name. */
    public void requireFree(Api api, String name) throws IOException, InterruptedException {
        JsonNode found;
        try {
            found = api.get(path(name));
        } catch (Problem none) {
            return; // or the server will say what is wrong with the name
        }
        if (!WITHOUT_NAME.contains(Fields.text(found, "status"))) {
            throw new Failure("The " + noun + " '" + Fields.text(found, "id") + "' has the name '" + name
                    + "' already. Choose another --name, or delete that " + noun + ".");
        }
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
}
