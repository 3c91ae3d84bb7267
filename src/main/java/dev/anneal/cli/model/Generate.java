package dev.anneal.cli.model;

import dev.anneal.cli.command.GivenOptions;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Call;
import dev.anneal.cli.http.Lines;
import dev.anneal.cli.http.Wording;
import dev.anneal.cli.option.GenerationOptions;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Table;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that lets a model continue a text or answer in a chat, and shows the words as they arrive. */
@Command(
        name = "generate",
        description = "Let a model continue a text, or answer in a chat.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ${COMMAND-FULL-NAME} novel-1 'Once upon a time' --max-new-tokens 60",
            "  ${COMMAND-FULL-NAME} chats-1 'Where are the boats?' --chat --system 'Be brief.' --temperature 0"
        })
public final class Generate implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    @Parameters(index = "0", paramLabel = "MODEL", description = "Id or name of the model.")
    private String model;

    @Parameters(index = "1", paramLabel = "TEXT", description = "The text to continue; - reads it from stdin.")
    private String text;

    @Option(names = "--chat", description = "The text is what a user says, and the model answers.")
    private boolean chat;

    @Option(names = "--system", paramLabel = "TEXT", description = "System message before the text (with --chat).")
    private @Nullable String system;

    @Option(names = "--json", description = "Print the server's JSON once the text is complete.")
    private boolean json;

    @Spec
    private CommandSpec command;

    private final Session session;

    public Generate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (system != null && !chat) {
            throw Failure.usage("--system needs --chat.");
        }
        if (!text.equals("-") && Shell.isFile(text)) {
            String again = Shell.anneal("generate " + Shell.word(model) + " -" + GivenOptions.of(command));
            throw Failure.usage(text + " is a file. To send what is in it: " + again + " < " + Shell.word(text)
                    + "   To send this text: echo " + Shell.word(text) + " | " + again);
        }
        ObjectNode request = request();
        Api api = session.api();
        Call call = Call.post("/models/" + Call.segment(Lookup.MODEL.id(api, model)) + "/generate", request);
        if (json) {
            session.print(api.send(call));
            return 0;
        }
        try (Lines lines = api.stream(call)) {
            show(lines, session.terminal());
        }
        return 0;
    }

    private ObjectNode request() throws IOException {
        String prompt = text.equals("-") ? new String(session.in().readAllBytes(), StandardCharsets.UTF_8) : text;
        if (text.equals("-") && prompt.isBlank()) {
            throw new Failure(Session.NO_INPUT);
        }
        ObjectNode request = Json.MAPPER.createObjectNode();
        if (chat) {
            var messages = request.putArray("messages");
            if (system != null) {
                messages.addObject().put("role", "system").put("content", system);
            }
            messages.addObject().put("role", "user").put("content", prompt);
        } else {
            request.put("prompt", prompt);
        }
        GenerationOptions.ALL.read(command).forEach(request::set);
        if (!json) {
            request.put("stream", true);
        }
        return request;
    }

    private static void show(Lines lines, Terminal terminal) throws IOException, InterruptedException {
        String event = "";
        for (Optional<String> next = lines.next(TIMEOUT); next.isPresent(); next = lines.next(TIMEOUT)) {
            String line = next.get();
            if (line.startsWith("event:")) {
                event = line.substring("event:".length()).strip();
            } else if (line.startsWith("data:")) {
                JsonNode data = Json.MAPPER.readTree(line.substring("data:".length()));
                switch (event) {
                    case "token" -> terminal.piece(data.path("text").asString(""));
                    case "done" -> {
                        terminal.line();
                        if (data.path("logprobs").isArray()) {
                            tokens(data.get("logprobs")).print(terminal);
                        }
                        if (Fields.text(data, "finish_reason").equals("length")) {
                            terminal.error("(stopped after "
                                    + data.path("usage").path("completion_tokens") + " tokens; see --max-new-tokens)");
                        }
                        return;
                    }
                    case "error" -> {
                        terminal.line();
                        throw new Failure(Wording.message(Fields.text(data, "detail")));
                    }
                    default -> {}
                }
            }
        }
        terminal.line();
        throw new Failure("The connection was lost before the text was complete.");
    }

    private static Table tokens(JsonNode logprobs) {
        Table table = new Table("TOKEN", "LOG PROBABILITY", "LIKELIEST");
        for (JsonNode token : logprobs) {
            table.row(
                    quoted(token),
                    Fields.decimal(token, "logprob", 3),
                    token.path("likeliest")
                            .valueStream()
                            .map(likely -> quoted(likely) + " " + Fields.decimal(likely, "logprob", 3))
                            .collect(Collectors.joining(", ")));
        }
        return table;
    }

    /** Returns a token in quotes, as many begin with a space. */
    private static String quoted(JsonNode token) {
        return "'" + Fields.text(token, "text") + "'";
    }
}
