package dev.anneal.cli.server;

import dev.anneal.cli.command.JsonOption;
import dev.anneal.cli.command.Session;
import dev.anneal.cli.local.Port;
import dev.anneal.cli.local.ServerRecord;
import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import dev.anneal.cli.terminal.Terminal;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import dev.anneal.files.FileLocks;
import dev.anneal.json.Json;
import dev.anneal.text.Suggest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that examines what a server needs. It takes the options of {@code serve}, and needs no server. */
@Command(
        name = "doctor",
        description = "Check what a server needs on this machine, and say what to do.",
        footerHeading =
                "%nIt takes the options and settings of serve. The exit code is 1 if a server would fail.%n%nExamples:%n",
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} --data /srv/anneal --roles worker --json"})
public final class Doctor extends ServerCommand {
    @Option(
            names = "--only",
            paramLabel = "CHECK,…",
            split = ",",
            description = "Do only these checks: java, settings, memory, data, disk, lock, key, port, database, clock,"
                    + " store, devices, engine (default: all).")
    private List<String> only = List.of();

    @Mixin
    private JsonOption json;

    public Doctor(Session session) {
        super(session);
    }

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        Path data = data();
        InetSocketAddress address = address();
        Terminal terminal = session.terminal();
        Set<Subject> subjects = subjects();
        List<Finding> findings = new ArrayList<>();
        if (subjects.contains(Subject.LOCK) || subjects.contains(Subject.PORT)) {
            findings.addAll(local(data, address));
            findings.removeIf(finding -> !subjects.contains(finding.subject()));
        }
        findings.addAll(dev.anneal.doctor.Doctor.examine(
                subjects, subject -> terminal.live("Checking " + subject.text()), arguments(data)));
        findings.sort(Comparator.comparing(Finding::subject));
        long failed = findings.stream()
                .filter(finding -> finding.status() == Finding.Status.FAILED)
                .count();
        json.show(session, json(findings, failed == 0), answer -> print(findings, failed));
        return failed == 0 ? 0 : 1;
    }

    private Set<Subject> subjects() {
        if (only.isEmpty()) {
            return EnumSet.allOf(Subject.class);
        }
        List<String> known = Arrays.stream(Subject.values()).map(Subject::text).toList();
        Set<Subject> subjects = EnumSet.noneOf(Subject.class);
        for (String name : only) {
            if (!known.contains(name)) {
                throw Failure.usage("--only cannot be " + name + ". Choose from " + String.join(", ", known) + "."
                        + Suggest.nearest(name, known));
            }
            subjects.add(Subject.values()[known.indexOf(name)]);
        }
        return subjects;
    }

    /** Examines the lock of the data directory and the port. */
    private List<Finding> local(Path data, InetSocketAddress address) throws InterruptedException {
        Optional<ServerRecord> running = ServerRecord.find(data);
        if (running.isPresent()) {
            String uri = running.get().uri().toString();
            return List.of(
                    Finding.ok(Subject.LOCK, "A server runs on the data directory."),
                    Port.at(running.get().uri()) == Port.READY
                            ? Finding.ok(Subject.PORT, "The server at " + uri + " is ready.")
                            : Finding.failed(
                                    Subject.PORT,
                                    "The server at " + uri + " is not ready.",
                                    "See its log. If this lasts, stop it with `" + anneal("stop")
                                            + "` and start it again."));
        }
        return List.of(lock(data), port(address));
    }

    private static Finding lock(Path data) {
        try {
            return FileLocks.isTaken(data.resolve("server.lock"))
                    ? Finding.failed(
                            Subject.LOCK,
                            "Another process, which may be in another container, holds the data directory "
                                    + Shell.path(data) + ".",
                            "Stop it, or choose another directory with --data.")
                    : Finding.ok(Subject.LOCK, "No server runs on the data directory.");
        } catch (IOException e) {
            return Finding.failed(
                    Subject.LOCK,
                    "The lock of the data directory cannot be read: " + e.getMessage(),
                    "Change the permissions of " + Shell.path(data.resolve("server.lock")) + ".");
        }
    }

    private static Finding port(InetSocketAddress address) throws InterruptedException {
        String place = address.getHostString() + ":" + address.getPort();
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address);
            return Finding.ok(Subject.PORT, "A server can listen on " + place + ".");
        } catch (IOException taken) {
            return Finding.failed(
                    Subject.PORT,
                    "A server cannot listen on " + place + ": "
                            + switch (Port.at(uri(address, address.getPort()))) {
                                case READY, NOT_READY -> "an Anneal server with another data directory is there.";
                                case FREE -> taken.getMessage() + ".";
                                case OTHER -> "another program is there.";
                            },
                    "Stop that program, or choose another port with --port, or another address with --host.");
        }
    }

    private static JsonNode json(List<Finding> findings, boolean ok) {
        ObjectNode answer = Json.MAPPER.createObjectNode().put("ok", ok);
        for (Finding finding : findings) {
            ObjectNode check = answer.withArray("checks").addObject();
            check.put("check", finding.subject().text());
            check.put("status", finding.status().name().toLowerCase(Locale.ROOT));
            check.put("message", finding.message());
            check.put("fix", finding.fix());
        }
        return answer;
    }

    private void print(List<Finding> findings, long failed) {
        Terminal terminal = session.terminal();
        for (Finding finding : findings) {
            String status = "%-8s".formatted(finding.status().name().toLowerCase(Locale.ROOT));
            terminal.line((finding.status() == Finding.Status.OK ? terminal.dim(status) : terminal.red(status))
                    + "%-10s".formatted(finding.subject().text())
                    + finding.message());
            if (finding.fix() != null) {
                terminal.line(" ".repeat(18) + finding.fix());
            }
        }
        terminal.line();
        terminal.line(failed == 0 ? "Nothing is wrong." : failed == 1 ? "1 check failed." : failed + " checks failed.");
    }
}
