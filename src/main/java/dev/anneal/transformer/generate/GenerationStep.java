package dev.anneal.transformer.generate;

import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.GenerationEngine.StepRunner;
import dev.anneal.transformer.generate.GenerationEngine.Steps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A step of an engine: chooses the texts that it computes, and adds the tokens to them. If it fails, each text is tried alone. */
final class GenerationStep {
    private static final Logger log = LoggerFactory.getLogger(GenerationStep.class);

    private final Steps steps;
    private final StepRunner runner;
    private final Shares shares;
    private long count;

    GenerationStep(Steps steps, StepRunner runner, Shares shares) {
        this.steps = steps;
        this.runner = runner;
        this.shares = shares;
    }

    /** Computes the next token of all texts whose prompts are done, and of the others the next chunks up to a limit. */
    void compute(List<Sequence> running) {
        for (List<Sequence> part : parts(chosen(running))) {
            try {
                runner.run(listeners(part), () -> computePart(part));
            } catch (RuntimeException e) {
                if (part.size() > 1) {
                    log.warn("a step for {} texts failed; each is tried alone", part.size(), e);
                }
                part.forEach(this::computeAlone);
            }
        }
    }

    /** Returns the texts that the next step computes. Groups, and the owners in each group, take turns with their prompts. */
    private List<Sequence> chosen(List<Sequence> running) {
        count++;
        List<Sequence> chosen = new ArrayList<>();
        List<Sequence> prompts = new ArrayList<>();
        for (Sequence sequence : running) {
            if (!sequence.isCancelled()) {
                (sequence.promptPart(GenerationEngine.CHUNK) > 0 ? prompts : chosen).add(sequence);
            }
        }
        prompts.sort(Comparator.comparingLong(shares::lastPromptOfGroup).thenComparingLong(shares::lastPromptOfOwner));
        int promptTokens = 0;
        for (Sequence sequence : prompts) {
            int part = sequence.promptPart(GenerationEngine.CHUNK);
            if (promptTokens == 0 || promptTokens + part <= GenerationEngine.CHUNK) {
                promptTokens += part;
                chosen.add(sequence);
                shares.computesPrompt(sequence, count);
            }
        }
        return chosen;
    }

    /** Returns the texts in parts that may share a step. */
    private List<List<Sequence>> parts(List<Sequence> texts) {
        List<List<Sequence>> parts = new ArrayList<>();
        for (Sequence text : texts) {
            parts.stream()
                    .filter(part -> runner.mayShare(part.get(0).listener(), text.listener()))
                    .findFirst()
                    .orElseGet(() -> {
                        parts.add(new ArrayList<>());
                        return parts.get(parts.size() - 1);
                    })
                    .add(text);
        }
        return parts;
    }

    private static List<GenerationListener> listeners(List<Sequence> texts) {
        return texts.stream().map(Sequence::listener).toList();
    }

    private void computeAlone(Sequence sequence) {
        List<Sequence> alone = List.of(sequence);
        try {
            runner.run(listeners(alone), () -> computePart(alone));
        } catch (RuntimeException e) {
            quietly(sequence, () -> sequence.fail(e));
        }
    }

    private void computePart(List<Sequence> chosen) {
        List<Decoder.Part> parts = chosen.stream()
                .map(sequence -> sequence.part(GenerationEngine.CHUNK))
                .toList();
        int logprobs = chosen.stream().mapToInt(Sequence::logprobs).max().orElse(GenerationOptions.NO_LOGPROBS);
        List<Decoder.@Nullable Chosen> tokens = steps.step(parts, logprobs);
        for (int i = 0; i < parts.size(); i++) {
            Sequence sequence = chosen.get(i);
            Decoder.Chosen token = tokens.get(i);
            int computed = parts.get(i).ids().length;
            if (token != null && token.token() < 0) {
                quietly(
                        sequence,
                        () -> sequence.fail(new ModelException("The model computes scores that are not numbers")));
            } else {
                add(sequence, computed, token);
            }
        }
    }

    /** Adds a token to a text. If it cannot be decoded, the text fails. */
    private static void add(Sequence sequence, int computed, Decoder.@Nullable Chosen token) {
        try {
            sequence.add(computed, token);
        } catch (RuntimeException e) {
            quietly(sequence, () -> sequence.fail(e));
        }
    }

    /** Calls a listener; its exception ends its own text only. */
    static void quietly(Sequence sequence, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.debug("a listener failed", e);
            sequence.cancel();
        }
    }
}
