package dev.anneal.transformer.tokenizer;

import dev.anneal.json.Json;
import dev.anneal.transformer.architecture.Vocabulary;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the {@code tokenizer.json} of older models, which have only a vocabulary: {@code vocab.txt} of a WordPiece
 * tokenizer as BERT's, or {@code vocab.json} and {@code merges.txt} of a byte-level BPE as GPT-2's and RoBERTa's.
 */
public final class TokenizerFiles {
    private static final List<String> SPECIAL =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private static final long MAX_BYTES = 16 << 20;

    private TokenizerFiles() {}

    /** Does nothing if the file exists or if there is nothing to make it of. */
    public static void complete(Path directory, Vocabulary vocabulary) {
        if (Files.exists(directory.resolve(HuggingFaceFiles.TOKENIZER)) || !hasVocabulary(directory, vocabulary)) {
            return;
        }
        try {
            for (String file : List.of(
                    HuggingFaceFiles.WORD_PIECE_VOCABULARY,
                    HuggingFaceFiles.BPE_VOCABULARY,
                    HuggingFaceFiles.BPE_MERGES)) {
                if (Files.exists(directory.resolve(file)) && Files.size(directory.resolve(file)) > MAX_BYTES) {
                    throw new ModelException(file + " has " + Files.size(directory.resolve(file))
                            + " bytes. The limit is " + MAX_BYTES + ".");
                }
            }
            ObjectNode tokenizer = vocabulary == Vocabulary.WORD_PIECE
                    ? wordPiece(directory)
                    : bytePairs(directory, vocabulary == Vocabulary.ROBERTA_BYTE_PAIRS);
            Files.writeString(directory.resolve(HuggingFaceFiles.TOKENIZER), Json.write(tokenizer));
        } catch (JacksonException e) {
            throw new ModelException("The files of the tokenizer are not valid JSON: " + Json.reason(e), e);
        } catch (IOException e) {
            throw new ModelException("The files of the tokenizer cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean hasVocabulary(Path directory, Vocabulary vocabulary) {
        return switch (vocabulary) {
            case WORD_PIECE -> Files.exists(directory.resolve(HuggingFaceFiles.WORD_PIECE_VOCABULARY));
            case BYTE_PAIRS, ROBERTA_BYTE_PAIRS ->
                Files.exists(directory.resolve(HuggingFaceFiles.BPE_VOCABULARY))
                        && Files.exists(directory.resolve(HuggingFaceFiles.BPE_MERGES));
            case NONE -> false;
        };
    }

    private static ObjectNode wordPiece(Path directory) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        int line = 0;
        for (String word : Files.readAllLines(directory.resolve(HuggingFaceFiles.WORD_PIECE_VOCABULARY))) {
            vocabulary.put(word, line++);
        }
        JsonNode settings = HuggingFaceFiles.tokenizerConfig(directory);
        boolean lower = settings.path("do_lower_case").asBoolean(true);
        ObjectNode root = root(vocabulary, List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put(
                        "handle_chinese_chars",
                        settings.path("tokenize_chinese_chars").asBoolean(true))
                .putNull("strip_accents")
                .put("lowercase", lower);
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode processor = root.putObject("post_processor").put("type", "BertProcessing");
        processor.putArray("sep").add("[SEP]").add(id(vocabulary, "[SEP]"));
        processor.putArray("cls").add("[CLS]").add(id(vocabulary, "[CLS]"));
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        ObjectNode model = root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100);
        model.set("vocab", Json.MAPPER.valueToTree(vocabulary));
        return root;
    }

    private static ObjectNode bytePairs(Path directory, boolean roberta) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        Json.MAPPER
                .readTree(Files.readString(directory.resolve(HuggingFaceFiles.BPE_VOCABULARY)))
                .properties()
                .forEach(
                        entry -> vocabulary.put(entry.getKey(), entry.getValue().asInt()));
        List<String> special = roberta
                ? List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>")
                : SPECIAL.stream()
                        .map(name -> HuggingFaceFiles.tokenizerConfig(directory).path(name))
                        .map(token -> token.isObject() ? token.path("content").asString("") : token.asString(""))
                        .distinct()
                        .filter(vocabulary::containsKey)
                        .toList();
        ObjectNode root = root(vocabulary, special.isEmpty() ? List.of("<|endoftext|>") : special);
        root.putNull("normalizer");
        root.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        if (roberta) {
            ObjectNode processor = root.putObject("post_processor")
                    .put("type", "RobertaProcessing")
                    .put("trim_offsets", true)
                    .put("add_prefix_space", false);
            processor.putArray("sep").add("</s>").add(id(vocabulary, "</s>"));
            processor.putArray("cls").add("<s>").add(id(vocabulary, "<s>"));
        } else {
            root.putObject("post_processor")
                    .put("type", "ByteLevel")
                    .put("add_prefix_space", true)
                    .put("trim_offsets", false)
                    .put("use_regex", true);
        }
        root.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true)
                .put("use_regex", true);
        ObjectNode model = root.putObject("model")
                .put("type", "BPE")
                .putNull("dropout")
                .putNull("unk_token")
                .put("continuing_subword_prefix", "")
                .put("end_of_word_suffix", "")
                .put("fuse_unk", false);
        model.set("vocab", Json.MAPPER.valueToTree(vocabulary));
        ArrayNode merges = model.putArray("merges");
        Files.readAllLines(directory.resolve(HuggingFaceFiles.BPE_MERGES)).stream()
                .filter(line -> !line.startsWith("#version") && !line.isBlank())
                .forEach(merges::add);
        return root;
    }

    private static ObjectNode root(Map<String, Integer> vocabulary, List<String> special) {
        ObjectNode root = Json.MAPPER.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        special.stream()
                .filter(vocabulary::containsKey)
                .sorted(java.util.Comparator.comparing(vocabulary::get))
                .forEach(token -> added.addObject()
                        .put("id", vocabulary.get(token))
                        .put("content", token)
                        .put("single_word", false)
                        .put("lstrip", token.equals("<mask>"))
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", true));
        return root;
    }

    private static int id(Map<String, Integer> vocabulary, String token) {
        Integer id = vocabulary.get(token);
        if (id == null) {
            throw new ModelException("The vocabulary has no token " + token);
        }
        return id;
    }
}
