package dev.anneal;

import dev.anneal.json.Json;
import dev.anneal.testing.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Fine-tunes all-MiniLM-L6-v2 on trec6 and rt_polarity through the API, three seeds each; see bench/accuracy. */
final class AccuracyBench {
    private final Client api;
    private final Path data;

    private AccuracyBench(Client api, Path data) {
        this.api = api;
        this.data = data;
    }

    public static void main(String[] arguments) throws IOException {
        Client api =
                new Client(arguments[1], Files.readString(Path.of(arguments[2])).strip());
        AccuracyBench bench = new AccuracyBench(api, Path.of(arguments[0]));
        System.out.println("data         seed  test accuracy  macro F1  best epoch  examples/s  seconds");
        String train = bench.trec("TREC.train.all", "{\"validation\":0.1}");
        String test = bench.trec("TREC.test.all", "{\"test\":1}");
        for (int seed = 1; seed <= 3; seed++) {
            bench.run("trec6", train, test, seed, 4);
        }
        for (int seed = 1; seed <= 3; seed++) {
            bench.run("rt_polarity", bench.polarity(seed), null, seed, 2);
        }
    }

    /** Lines "<label> <question>". */
    private String trec(String file, String split) throws IOException {
        StringBuilder csv = new StringBuilder("label,text\n");
        for (String line : Files.readAllLines(data.resolve("trec6").resolve(file), StandardCharsets.ISO_8859_1)) {
            csv.append(line, 0, 1).append(',').append(quoted(line.substring(2))).append('\n');
        }
        return upload(file + ".csv", csv, split);
    }

    private String polarity(int seed) throws IOException {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (String label : List.of("pos", "neg")) {
            Path file = data.resolve("rt_polarity/rt-polarity." + label);
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                csv.append(quoted(line)).append(',').append(label).append('\n');
            }
        }
        return upload("rt-polarity.csv", csv, "{\"validation\":0.1,\"test\":0.1,\"seed\":" + seed + "}");
    }

    private String upload(String name, CharSequence csv, String split) {
        Client.Answer answer =
                api.upload(name, csv.toString().getBytes(StandardCharsets.UTF_8), Map.of("split", split));
        if (answer.status() != 201) {
            throw new IllegalStateException(answer.detail());
        }
        return answer.text("id");
    }

    private void run(String name, String dataset, String test, int seed, int epochs) {
        Map<String, Object> body = new java.util.HashMap<>(Map.of(
                "name",
                name,
                "base_model",
                "all-MiniLM-L6-v2",
                "dataset",
                dataset,
                "hyperparameters",
                Map.of("epochs", epochs, "batch_size", 16, "seed", seed)));
        if (test != null) {
            body.put("test_dataset", test);
        }
        JsonNode job = api.await(api.post("/api/v1/jobs", Json.write(body)).text("id"));
        double seconds = 0;
        double rate = 0;
        for (JsonNode epoch : job.get("metrics")) {
            seconds += epoch.get("seconds").asDouble();
            rate += epoch.get("examples_per_second").asDouble()
                    / job.get("metrics").size();
        }
        JsonNode result = job.get("test_metrics");
        System.out.printf(
                "%-12s %4d %14.4f %9.4f %11d %11.0f %8.0f%n",
                name,
                seed,
                result.path("accuracy").asDouble(),
                result.path("f1_macro").asDouble(),
                job.get("best").path("epoch").asInt(),
                rate,
                seconds);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
