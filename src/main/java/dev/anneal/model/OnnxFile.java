package dev.anneal.model;

import dev.anneal.transformer.format.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors and the operations of an ONNX file, read from its
 * <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">protobuf messages</a>.
 */
record OnnxFile(Map<String, Tensor> tensors, List<Node> nodes) {
    private static final int FLOAT = 1;

    /** A stored tensor; only the data of fp32 tensors can be read. */
    record Tensor(long[] shape, int type, @Nullable ByteBuffer data) {
        boolean isFloat() {
            return type == FLOAT && data != null;
        }

        /** Returns the bytes of an fp32 tensor. */
        ByteBuffer floats() {
            if (data == null) {
                throw new ModelException("The file is not a supported ONNX file");
            }
            return data.duplicate();
        }
    }

    /** An operation with the names of its inputs in order. */
    record Node(String operation, String name, List<String> inputs) {}

    static OnnxFile read(ByteBuffer model) {
        OnnxFile file = new OnnxFile(new LinkedHashMap<>(), new ArrayList<>());
        new Message(model).forEach((field, value) -> {
            if (field == 7) {
                new Message(value.bytes()).forEach(file::addToGraph);
            }
        });
        return file;
    }

    private void addToGraph(int field, Value value) {
        if (field == 1) {
            nodes.add(node(value.bytes()));
        } else if (field == 5) {
            addTensor(value.bytes());
        }
    }

    private static Node node(ByteBuffer bytes) {
        List<String> inputs = new ArrayList<>();
        String[] texts = new String[5];
        new Message(bytes).forEach((field, value) -> {
            if (field == 1) {
                inputs.add(value.text());
            } else if (field == 3 || field == 4) {
                texts[field] = value.text();
            }
        });
        return new Node(texts[4], texts[3], inputs);
    }

    private void addTensor(ByteBuffer bytes) {
        List<Long> shape = new ArrayList<>();
        Value[] fields = new Value[10];
        new Message(bytes).forEach((field, value) -> {
            if (field == 1 && value.content() == null) {
                shape.add(value.number());
            } else if (field == 1) {
                while (value.bytes().hasRemaining()) {
                    shape.add(Message.varint(value.bytes()));
                }
            } else if (field < fields.length) {
                fields[field] = value;
            }
        });
        Value data = fields[9] != null ? fields[9] : fields[4]; // raw bytes, or packed floats
        tensors.put(
                fields[8].text(),
                new Tensor(
                        shape.stream().mapToLong(Long::longValue).toArray(),
                        (int) fields[2].number(),
                        data == null ? null : data.content()));
    }

    /** A number, or bytes if {@code content} is not null. */
    private record Value(long number, @Nullable ByteBuffer content) {
        ByteBuffer bytes() {
            if (content == null) {
                throw new ModelException("The file is not an ONNX file");
            }
            return content;
        }

        String text() {
            return StandardCharsets.UTF_8.decode(bytes().duplicate()).toString();
        }
    }

    private interface Visitor {
        void visit(int field, Value value);
    }

    private record Message(ByteBuffer in) {
        void forEach(Visitor visitor) {
            while (in.hasRemaining()) {
                int key = (int) varint(in);
                visitor.visit(
                        key >>> 3,
                        switch (key & 7) {
                            case 0 -> new Value(varint(in), null);
                            case 1 -> new Value(0, take(8));
                            case 2 -> new Value(0, take((int) varint(in)));
                            case 5 -> new Value(0, take(4));
                            default -> throw new ModelException("The file is not an ONNX file");
                        });
            }
        }

        private ByteBuffer take(int length) {
            ByteBuffer taken = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            in.position(in.position() + length);
            return taken;
        }

        static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = in.get();
                value |= (long) (next & 127) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }
    }
}
