package dev.anneal.transformer.architecture;

/**
 * The kind of vocabulary that older models of a family have in place of a {@code tokenizer.json}, which can be made of it.
 */
public enum Vocabulary {
    /** {@code vocab.txt}, as BERT's. */
    WORD_PIECE,
    /** {@code vocab.json} and {@code merges.txt}, as GPT-2's. */
    BYTE_PAIRS,
    /** The same with {@code <s>} and {@code </s>} around each text, as RoBERTa's. */
    ROBERTA_BYTE_PAIRS,
    /** The files do not say how a text is split: the model needs a {@code tokenizer.json}. */
    NONE
}
