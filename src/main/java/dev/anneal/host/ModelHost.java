package dev.anneal.host;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.anneal.host.message.GenerateMessage;
import dev.anneal.host.message.HostAnswer;
import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.InspectMessage;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.host.message.RowsMessage;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.json.Json;
import dev.anneal.training.process.Signals;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.OomVictim;
import dev.anneal.transformer.program.OutOfMemory;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The program that serves one model: {@code ModelHost [HostOptions as JSON]}. Calls come in on standard input as lines of
 * {@link HostRequest}, answers go out on standard output as lines of {@link dev.anneal.host.message.HostAnswer}. The parts of
 * the model are loaded when a call first needs them. The process ends with its standard input. Without an argument it loads
 * libtorch and waits for the options, which are the first line of its input.
 */
public final class ModelHost {
    private final String device;
    private final HostOutput output;
    private final Watchdog watchdog;
    private final Map<Long, HostCall> calls = new ConcurrentHashMap<>();
    private final Lazy<PredictService> predict;
    private final Lazy<GenerateService> generate;
    private final Lazy<TokenizeService> tokenize;
    private final Lazy<RowsService> rows;
    private final Lazy<InspectService> inspect;

    ModelHost(HostOptions options, HostOutput output) throws IOException {
        this.device = options.device();
        this.output = output;
        RunningSteps steps = RunningSteps.open(Path.of(options.steps()));
        this.watchdog = new Watchdog(output, steps, options.stallSeconds(), options.isSeparate());
        steps.clear(); // the server has recorded the start
        Path directory = Path.of(options.directory());
        ExecutorService work = threads(Math.max(2, options.cores()), "work");
        CallThreads turns = new CallThreads(work);
        this.predict = lazy(options, work, () -> {
            PredictService service = PredictService.load(directory, options, watchdog, turns);
            output.write(HostAnswer.loaded(service.loaded()));
            return service;
        });
        this.generate = lazy(options, work, () -> {
            GenerateService service = GenerateService.load(directory, options, watchdog, turns);
            output.write(HostAnswer.loaded(service.loaded()));
            return service;
        });
        this.tokenize = lazy(options, work, () -> TokenizeService.load(directory, watchdog, turns));
        this.rows = lazy(options, work, () -> new RowsService(directory, watchdog, turns));
        // The places of all tokens of a row take much memory, so there is one row at a time.
        CallThreads inspections = new CallThreads(threads(1, "inspect"));
        this.inspect = lazy(options, work, () -> new InspectService(directory, watchdog, inspections));
    }

    private static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private <T> Lazy<T> lazy(HostOptions options, ExecutorService work, Supplier<T> load) {
        return new Lazy<>(work, () -> watchdog.load(options.loadSeconds(), load));
    }

    public static void main(String[] arguments) {
        HostOutput output = new HostOutput(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err);
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        OomVictim.prefer();
        Signals.ignore();
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
            String options = arguments.length > 0 ? arguments[0] : optionsOfSpare(in);
            if (options != null) {
                new ModelHost(Json.read(options, HostOptions.class), output).serve(in);
            }
        } catch (Throwable fault) {
            fault.printStackTrace();
        }
        Runtime.getRuntime().halt(1);
    }

    /** Returns the options of the model that takes this process; null if the server ends before. */
    private static @Nullable String optionsOfSpare(BufferedReader in) throws IOException {
        try {
            Predictor.loadLibraries();
        } catch (IllegalStateException | LinkageError fault) {
            fault.printStackTrace(); // each call that needs them fails in the same way, and answers why
        }
        return in.readLine();
    }

    /** Reads calls until the input ends. It does no work itself, so that the server never waits to write. */
    void serve(BufferedReader lines) throws IOException {
        output.write(HostAnswer.isAlive());
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            HostRequest request = Json.read(line, HostRequest.class);
            if (request.call().equals(HostRequest.CANCEL)) {
                cancel(request.id());
            } else {
                begin(request);
            }
        }
    }

    private void cancel(long id) {
        HostCall call = calls.get(id);
        if (call != null) {
            call.cancel();
        }
    }

    private void begin(HostRequest request) {
        watchdog.callBegins();
        long id = request.id(); // the request itself would be kept with its texts
        HostCall call = new HostCall(request, device, output, watchdog, () -> {
            calls.remove(id);
            watchdog.callEnds();
        });
        calls.put(id, call);
        JsonNode body = request.body();
        switch (request.call()) {
            case HostRequest.PREDICT ->
                answer(
                        call,
                        body,
                        predict,
                        (service, given) -> service.answer(call, read(given, PredictMessage.class)));
            case HostRequest.GENERATE ->
                answer(
                        call,
                        body,
                        generate,
                        (service, given) -> service.answer(call, read(given, GenerateMessage.class)));
            case HostRequest.TOKENIZE ->
                answer(
                        call,
                        body,
                        tokenize,
                        (service, given) -> service.answer(call, read(given, TokenizeMessage.class)));
            case HostRequest.ROWS ->
                answer(call, body, rows, (service, given) -> service.answer(call, read(given, RowsMessage.class)));
            case HostRequest.MEASURE ->
                answer(call, body, rows, (service, given) -> service.measure(call, read(given, RowsMessage.class)));
            case HostRequest.INSPECT ->
                answer(
                        call,
                        body,
                        inspect,
                        (service, given) -> service.answer(call, read(given, InspectMessage.class)));
            default -> call.fail("unknown_call", 400, "There is no call '" + request.call() + "'.");
        }
    }

    private static <T> T read(JsonNode body, Class<T> type) {
        return Json.MAPPER.treeToValue(body, type);
    }

    /** Does the work of a call once its service is loaded. A call that is cancelled before leaves nothing in memory. */
    private <T> void answer(HostCall call, JsonNode body, Lazy<T> service, BiConsumer<T, JsonNode> work) {
        AtomicReference<@Nullable JsonNode> waiting = new AtomicReference<>(body);
        call.onCancel(() -> {
            if (waiting.getAndSet(null) != null) {
                call.fail(new CancellationException());
            }
        });
        service.get().whenComplete((loaded, failure) -> {
            JsonNode given = waiting.getAndSet(null);
            if (given == null) {
                return;
            }
            if (failure != null) {
                call.fail(HostAnswer.UNUSABLE, 422, "The model cannot be loaded: " + reason(failure));
                return;
            }
            try {
                work.accept(loaded, given);
            } catch (Throwable fault) {
                call.fail(fault);
            }
        });
    }

    private String reason(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (!(cause instanceof ModelException)) {
            cause.printStackTrace();
        }
        String full = OutOfMemory.on(device, cause);
        if (full != null) {
            return full + ". An operator can lower anneal.inference.max-models.";
        }
        return HostCall.sentence(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }
}
