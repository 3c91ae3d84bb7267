package dev.anneal.cli;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that shows all of Anneal in a minute: a server, a dataset, a job, a model, its answers. */
final class Quickstart {
    static final Command COMMAND = new Command(
            "quickstart",
            "",
            "start a server, fine-tune a model on movie reviews, ask it",
            List.of(
                    Option.flag("exit", "stop the server at the end"),
                    new Option("port", "N", "the server's port (" + Session.DEFAULT_PORT + ")")),
            session -> new Quickstart(session, "dev.anneal.Anneal").run());
    private static final String MODEL = "all-MiniLM-L6-v2";
    private static final List<String> REVIEWS = List.of(
            "Superb acting, a clever script, an ending that moved me.",
            "A tedious mess. I nearly walked out before it was over.");

    private final Session session;
    private final Terminal terminal;
    private final String serverMain;

    Quickstart(Session session, String serverMain) {
        this.session = session;
        this.terminal = session.terminal();
        this.serverMain = serverMain;
    }

    int run() throws IOException, InterruptedException {
        session.arguments().noOperands();
        Path data = session.data().toAbsolutePath().normalize();
        LocalServer server = LocalServer.find(serverMain, port(), data);
        boolean exit = session.arguments().has("exit");
        boolean ready = false;
        try (Interrupts interrupts = Interrupts.call(() -> stop(server))) {
            Key key = server.awaitReady(terminal);
            ready = true;
            return journey(server, key, exit);
        } finally {
            if (exit || !ready) {
                stop(server);
            } else {
                server.started().ifPresent(this::leave);
            }
        }
    }

    private int port() {
        String port = session.arguments().value("port").orElse(Integer.toString(Session.DEFAULT_PORT));
        if (!port.matches("[1-9]\\d{0,4}") || Integer.parseInt(port) > 65535) {
            throw Failure.usage("--port wants a number up to 65535, not: " + port);
        }
        return Integer.parseInt(port);
    }

    private int journey(LocalServer server, Key key, boolean exit) throws IOException, InterruptedException {
        Api api = session.api(server.uri(), key);
        Path reviews = Path.of(System.getProperty("anneal.home", "."), "examples", "movie-reviews.csv");
        JsonNode dataset = Datasets.upload(api, reviews, Map.of("task", "text-classification"), terminal);
        JsonNode job = Train.submit(api, request(Fields.text(dataset, "id")), terminal);
        String id = Fields.text(job, "id");
        int exitCode = Jobs.watchToEnd(api, id, terminal);
        if (exitCode == 0) {
            String model = Fields.text(api.get(Jobs.path(id)), "model");
            terminal.line();
            JsonNode answer = api.send(Predict.call(model, REVIEWS, null));
            Predict.print(answer.path("predictions"), REVIEWS, false, terminal);
            if (!exit) {
                next(api, id, model);
            }
        }
        return exitCode;
    }

    private static ObjectNode request(String dataset) {
        return Json.MAPPER
                .createObjectNode()
                .put("name", "quickstart")
                .put("task", "text-classification")
                .put("base_model", MODEL)
                .put("dataset", dataset);
    }

    private void next(Api api, String job, String model) {
        Call predict = Predict.call(model, List.of("Not what I expected, but I would see it again."), null);
        terminal.line();
        terminal.line("Next: ask it something else, look at the job's record, take the model with you");
        terminal.line();
        terminal.line(api.curl(predict));
        terminal.line(api.curl(Call.get(Jobs.path(job))));
        terminal.line(api.curl(Call.get("/models/" + Call.segment(model) + "/download")) + " -o model.zip");
    }

    private void leave(ServerProcess process) {
        String data = session.arguments()
                .value("data")
                .map(directory -> " --data " + Shell.path(Path.of(directory)))
                .orElse("");
        terminal.line();
        terminal.line("The server goes on as pid " + process.pid() + ". Stop it: " + Shell.anneal("stop" + data));
    }

    private void stop(LocalServer server) {
        server.started().ifPresent(process -> {
            if (process.isAlive()) {
                terminal.live("Stopping the server");
                process.stop();
                terminal.line("Stopped the server.");
            } else {
                ServerProcess.forget(process.data());
            }
        });
    }
}
