package dev.anneal.transformer.weights;

import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Translates between the names of weights in a program and in the files of a model with a certain head. */
public record WeightNames(Architecture architecture, Head head) {

    /** The tensors of files by their names in the program; what neither body nor head has a use for keeps its name. */
    public SortedMap<String, StoredTensor> toProgram(Map<String, StoredTensor> files) {
        Map<String, String> ofHead = new HashMap<>();
        if (head != null) {
            head.fileNames().forEach((name, file) -> ofHead.put(file, name));
        }
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        files.forEach((file, tensor) -> {
            // Old files, bert-base-uncased among them, call the parameters of LayerNorm so.
            String plain = file.replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
                    .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
            String known = ofHead.get(plain);
            String name = architecture.toProgram(plain);
            tensors.put(known != null ? known : isOther(name) ? "file:" + file : name, tensor);
        });
        return tensors;
    }

    /** Whether a head's weight is called like this in the program, but otherwise in the files. */
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
