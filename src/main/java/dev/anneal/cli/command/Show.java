package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Problem;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Terminal;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** A command that shows one thing, which is named by its id or name: a dataset, a job, a job's report, a model. */
@Command
public final class Show implements Callable<Integer> {
    @Mixin
    private JsonOption json;

    @Spec
    private @Nullable CommandSpec command;

    private final Session session;
    private final Lookup kind;
    private final String part;
    private final BiConsumer<JsonNode, Terminal> text;
    private final PositionalParamSpec idOrName;

    private Show(Session session, Lookup kind, String part, BiConsumer<JsonNode, Terminal> text) {
        this.session = session;
        this.kind = kind;
        this.part = part;
        this.text = text;
        idOrName = PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .type(String.class)
                .paramLabel(kind.noun().toUpperCase(Locale.ROOT))
                .description("Id or name of the " + kind.noun() + ".")
                .build();
    }

    /**
     * @param part the path below the thing, such as {@code /report}, or nothing
     */
    public static CommandSpec command(
            Session session,
            String name,
            String description,
            Lookup kind,
            String part,
            BiConsumer<JsonNode, Terminal> text) {
        Show show = new Show(session, kind, part, text);
        CommandSpec spec = CommandSpec.forAnnotatedObject(show).name(name).addPositional(show.idOrName);
        spec.usageMessage().description(description);
        return spec;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Api api = session.api();
        String given = idOrName.getValue();
        return json.show(session, api.get(path(api, given) + part), found -> text.accept(found, session.terminal()));
    }

    /** Returns the path of what is shown. If the name is that of a command, that command may be meant. */
    private String path(Api api, String given) throws IOException, InterruptedException {
        try {
            return kind.path(api, given);
        } catch (Problem refused) {
            throw refused;
        } catch (Failure missing) {
            throw Usage.plural(Objects.requireNonNull(command))
                    .map(other -> new Failure(missing.getMessage() + " Did you mean '" + other + "'?"))
                    .orElse(missing);
        }
    }
}
