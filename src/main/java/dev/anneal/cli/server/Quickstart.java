package dev.anneal.cli.server;

import dev.anneal.cli.command.BaseModels;
import dev.anneal.cli.command.Lookup;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.dataset.Upload;
import dev.anneal.cli.http.Api;
import dev.anneal.cli.http.Key;
import dev.anneal.cli.job.Follow;
import dev.anneal.cli.job.Train;
import dev.anneal.cli.local.LocalServer;
import dev.anneal.cli.local.ServerProcess;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.model.Predict;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Fields;
import dev.anneal.cli.terminal.Interrupts;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.cli.view.Predictions;
import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that shows everything once: a server, a dataset, a job, a model, its predictions. */
@Command(
        name = "quickstart",
        description = "Start a server, fine-tune a model on movie reviews, and call it.",
        footerHeading = "%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} --exit --port 9000"})
public final class Quickstart implements Callable<Integer> {
    private static final List<String> REVIEWS = List.of(
            "Superb acting, a clever script, an ending that moved me.",
            "A tedious mess. I nearly walked out before it was over.");

    @Option(names = "--exit", description = "Stop the server at the end.")
    private boolean exit;

    @Option(names = "--port", paramLabel = "N", description = "Port of the server (default: ANNEAL_PORT, else 8420).")
    private @Nullable Integer port;

    private final Session session;
    private final Terminal terminal;

    public Quickstart(Session session) {
        this.session = session;
        this.terminal = session.terminal();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (session.namesServer()) {
            throw Failure.usage("quickstart uses the server of the data directory: --url and --key have no use here.");
        }
        Path data = session.data();
        String serverMain = System.getProperty("anneal.server", "dev.anneal.Anneal");
        LocalServer server = LocalServer.findOrStart(serverMain, port(), data);
        boolean ready = false;
        try (Interrupts interrupts = Interrupts.call(() -> stop(server))) {
            Key key = server.awaitReady(terminal);
            ready = true;
            return journey(session.api(server.uri(), key));
        } finally {
            if (exit || !ready) {
                stop(server);
            } else if (server.started().isPresent()) {
                terminal.line();
                terminal.line("The server is still running. Stop it: " + Shell.local("stop"));
            }
        }
    }

    private int port() {
        String number = port != null
                ? port.toString()
                : session.environment("ANNEAL_PORT").orElse(Integer.toString(Session.DEFAULT_PORT));
        if (!number.matches("[1-9]\\d{0,4}") || Integer.parseInt(number) > 65535) {
            throw Failure.usage("--port cannot be " + number + ". Give a number from 1 to 65535.");
        }
        return Integer.parseInt(number);
    }

    private int journey(Api api) throws IOException, InterruptedException {
        Path reviews = Path.of(System.getProperty("anneal.home", "."), "examples", "movie-reviews.csv");
        JsonNode dataset = Upload.send(api, reviews, Map.of("task", "text-classification"), terminal);
        JsonNode job = Train.submit(api, request(Fields.text(dataset, "id")), terminal);
        String name = Fields.text(job, "name");
        String path = Lookup.JOB.path(Fields.text(job, "id"));
        if (Follow.watch(api, Fields.text(job, "id"), terminal) != 0) {
            return 1;
        }
        String model = Fields.text(api.get(path), "model");
        terminal.line();
        JsonNode answer = api.send(Predict.call(model, REVIEWS, null, null));
        Predictions.print(answer.path("predictions"), REVIEWS, terminal);
        if (!exit) {
            next(api, name, model);
        }
        return 0;
    }

    private static ObjectNode request(String dataset) {
        return Json.MAPPER
                .createObjectNode()
                .put("task", "text-classification")
                .put("base_model", BaseModels.BUNDLED_ENCODER)
                .put("dataset", dataset);
    }

    private void next(Api api, String name, String model) {
        List<String> text = List.of("Not what I expected, but I would see it again.");
        terminal.line();
        terminal.line("Next: call it with a text of your own, train on your own file, or call it over HTTP");
        terminal.line();
        terminal.line(Shell.anneal("predict " + name + " " + Shell.quote(text.get(0))));
        terminal.line(Shell.anneal("train reviews.csv"));
        terminal.line(api.curl(Predict.call(model, text, null, null)));
    }

    private void stop(LocalServer server) {
        server.started().filter(ProcessHandle::isAlive).ifPresent(process -> {
            terminal.live("Stopping the server");
            ServerProcess.stop(process);
            ServerRecord.forget(server.data());
            terminal.line("Stopped the server.");
        });
    }
}
