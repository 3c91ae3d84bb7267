package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.anneal.evaluation.LanguageModelReport;
import dev.anneal.evaluation.Report;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.Tokenizer.Piece;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/**
 * Prediction of masked tokens: of those chosen, 80 % become the mask token, 10 % any token, and 10 % stay
 * (<a href="https://arxiv.org/abs/1810.04805">Devlin et al., 2018</a>). Each epoch chooses others. A long text becomes several
 * examples.
 */
final class MaskedLmTask implements TrainingTask {
    /** Each evaluation masks the same tokens. */
    private static final long EVALUATION_SEED = 20_250_101;

    private final Tokenizer tokenizer;
    private final int maxLength;
    private final double probability;
    private final boolean wholeWords;
    private final int mask;
    private final int vocabularySize;

    MaskedLmTask(JobSpec spec, Tokenizer tokenizer, Path baseModel, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.probability = Objects.requireNonNull(spec.taskOptions().maskingProbability());
        this.wholeWords = Objects.requireNonNull(spec.taskOptions().wholeWords());
        Integer id = tokenizer.maskToken();
        if (id == null) {
            throw new TrainingException(
                    "The tokenizer of the base model has no mask token. Use a model for masked-lm.");
        }
        this.mask = id;
        this.vocabularySize = ModelConfig.read(baseModel).integer("vocab_size");
    }

    /** The target of a token is the number of its word in the text; special tokens have none. */
    @Override
    public List<Example> examples(JsonNode row) {
        String text = row.path("text").asString(null);
        if (text == null) {
            throw new TrainingException("The row has no text.");
        }
        List<Example> examples = new ArrayList<>();
        add(text, examples);
        String pair = row.path("text_pair").asString(null);
        if (pair != null) {
            add(pair, examples);
        }
        return examples;
    }

    private void add(String text, List<Example> examples) {
        for (Piece piece : tokenizer.pieces(text, maxLength)) {
            float[] words = new float[piece.words().length];
            for (int i = 0; i < words.length; i++) {
                words[i] = piece.words()[i] < 0 ? Example.IGNORED : piece.words()[i];
            }
            examples.add(new Example(piece.text(), words));
        }
    }

    @Override
    public Map<String, NDArray> batch(List<Example> examples, NDManager manager, SplittableRandom random) {
        List<Example> hidden =
                examples.stream().map(example -> drawn(example, random)).toList();
        Map<String, NDArray> batch = Batch.of(hidden.stream().map(Example::text).toList(), manager);
        addTargets(batch, hidden, manager);
        return batch;
    }

    @Override
    public Example drawn(Example example, SplittableRandom random) {
        float[] words = example.target();
        int[] ids = example.text().ids().clone();
        float[] labels = new float[ids.length];
        Arrays.fill(labels, Example.IGNORED);
        boolean any = false;
        boolean chosen = false;
        for (int i = 0; i < ids.length; i++) {
            if (words[i] == Example.IGNORED) {
                continue;
            }
            boolean sameWord = wholeWords && i > 0 && words[i] == words[i - 1];
            chosen = sameWord ? chosen : random.nextDouble() < probability;
            if (chosen) {
                hide(ids, labels, i, random);
                any = true;
            }
        }
        if (!any) { // a batch without a masked token would have no loss
            int i = ids.length / 2;
            if (words[i] != Example.IGNORED) {
                hide(ids, labels, i, random);
            }
        }
        return new Example(example.text().withIds(ids), labels);
    }

    @Override
    public boolean isLearned(Example example, int token) {
        return example.target()[token] != Example.IGNORED;
    }

    private void hide(int[] ids, float[] labels, int i, SplittableRandom random) {
        labels[i] = ids[i];
        double draw = random.nextDouble();
        ids[i] = draw < 0.8 ? mask : draw < 0.9 ? random.nextInt(vocabularySize) : ids[i];
    }

    /** Returns the number of tokens that may be masked, to which the number of masked ones is about proportional. */
    @Override
    public double count(Example example) {
        int count = 0;
        for (float word : example.target()) {
            count += word == Example.IGNORED ? 0 : 1;
        }
        return count;
    }

    /** Returns the number of masked tokens. */
    @Override
    public long counted(List<Example> examples, Map<String, NDArray> batch) {
        return Objects.requireNonNull(batch.get("labels"))
                .neq(Example.IGNORED)
                .toType(DataType.INT64, false)
                .sum()
                .getLong();
    }

    @Override
    public void addTargets(Map<String, NDArray> batch, List<Example> examples, NDManager manager) {
        batch.put("labels", TrainingTask.perToken(examples, manager));
    }

    /** Returns false: which tokens are masked is drawn for a whole batch. */
    @Override
    public boolean hasHalves() {
        return false;
    }

    @Override
    public Report evaluate(Evaluator evaluator, Examples examples, String split, ExampleFile file) {
        Evaluator.MeanLoss loss = evaluator.loss(examples, this, new SplittableRandom(EVALUATION_SEED));
        return LanguageModelReport.of(
                "masked-lm", split, examples.size(), examples.truncation(), loss.count(), loss.mean());
    }
}
