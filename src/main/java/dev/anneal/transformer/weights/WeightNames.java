package dev.anneal.transformer.weights;

import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Translates between the names of weights in a program and in the files of a model with a head. */
public record WeightNames(
        Architecture architecture, @Nullable Head head) {

    /** Returns the tensors of files by their names in the program; unused tensors keep their names. */
    public SortedMap<String, StoredTensor> toProgram(Map<String, StoredTensor> files) {
        Map<String, String> ofHead = new HashMap<>();
        if (head != null) {
            head.fileNames().forEach((name, file) -> ofHead.put(file, name));
        }
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        files.forEach((file, tensor) -> {
            // The names of LayerNorm's parameters in old files, such as those of bert-base-uncased.
            String plain = file.replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
                    .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
            String known = ofHead.get(plain);
            String name = architecture.toProgram(plain);
            tensors.put(known != null ? known : isOther(name) ? "file:" + file : name, tensor);
        });
        return tensors;
    }

    /** Returns whether the head has a weight of this name in the program, but another name in the files. */
    private boolean isOther(String name) {
        if (head == null || !head.fileNames().containsKey(name)) {
            return false;
        }
        return !architecture.toProgram(head.fileNames().get(name)).equals(name);
    }

    public String toFile(String name) {
        String ofHead = head == null ? null : head.fileNames().get(name);
        return ofHead != null ? ofHead : architecture.toFile(name);
    }
}
