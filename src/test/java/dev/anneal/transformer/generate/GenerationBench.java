package dev.anneal.transformer.generate;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;

/**
 * The generation part of bench/serving. Reads lines {@code <texts at once> <texts> <tokens>} and prints, for each, the
 * seconds, the seconds of CPU time, and the tokens of the texts.
 */
final class GenerationBench {
    private GenerationBench() {}

    public static void main(String[] arguments) {
        int threads = Integer.parseInt(arguments[1]);
        var limits = new GenerationEngine.Limits(threads, 32, 1 << 16, 1 << 16);
        try (GenerationEngine engine = GenerationEngine.load(Path.of(arguments[0]), "cpu", arguments[2], limits);
                Scanner lines = new Scanner(System.in)) {
            System.out.printf("ready %s %.4f%n", engine.precision(), engine.difference());
            while (lines.hasNextInt()) {
                int atOnce = lines.nextInt();
                int texts = lines.nextInt();
                int tokens = lines.nextInt();
                String prompt = lines.nextLine().trim();
                long cpu = cpu();
                long start = System.nanoTime();
                List<Object> ids = new ArrayList<>();
                for (int from = 0; from < texts; from += atOnce) {
                    List<CompletableFuture<List<Integer>>> running = new ArrayList<>();
                    for (int i = from; i < from + atOnce; i++) {
                        running.add(submit(engine, prompt.replace("#", String.valueOf(i)), tokens));
                    }
                    running.forEach(text -> ids.add(text.join()));
                }
                System.out.printf(
                        "texts %.3f %.3f %s%n", (System.nanoTime() - start) / 1e9, (cpu() - cpu) / 1e9, ids.toString());
            }
        }
    }

    private static long cpu() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static CompletableFuture<List<Integer>> submit(GenerationEngine engine, String prompt, int tokens) {
        CompletableFuture<List<Integer>> result = new CompletableFuture<>();
        List<Integer> ids = new ArrayList<>();
        engine.submit(
                engine.encode(prompt),
                new GenerationOptions(tokens, 0, 1, 0, List.of(), 0, 0),
                new GenerationListener() {
                    @Override
                    public void text(String piece, List<TokenScore> scores) {
                        scores.forEach(score -> ids.add(score.id()));
                    }

                    @Override
                    public void ended(Generation generation) {
                        result.complete(ids);
                    }

                    @Override
                    public void failed(RuntimeException cause) {
                        result.completeExceptionally(cause);
                    }
                });
        return result;
    }
}
