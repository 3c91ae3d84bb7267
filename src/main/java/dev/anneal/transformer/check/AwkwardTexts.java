package dev.anneal.transformer.check;

import java.util.LinkedHashMap;
import java.util.Map;

/** Texts on which tokenizers fail, by a name for messages. */
final class AwkwardTexts {
    private static final int LONG = 3_000;

    private AwkwardTexts() {}

    static Map<String, String> all() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("an empty text", "");
        texts.put("a sentence", "The quick brown fox doesn't jump over 13 lazy dogs, at 7:30 p.m.!");
        texts.put("a letter", "a");
        texts.put("a space", " ");
        texts.put("white space", " \t\n\r\n \u00a0\u2003\u200b\u3000 ");
        texts.put("3,000 letters", "a".repeat(LONG));
        texts.put("3,000 spaces", " ".repeat(LONG));
        texts.put("3,000 digits", "1".repeat(LONG));
        texts.put("3,000 exclamation marks", "!".repeat(LONG));
        texts.put("3,000 new lines", "\n".repeat(LONG));
        texts.put("3,000 times é", "é".repeat(LONG));
        texts.put("3,000 capital letters and digits", "Ab1".repeat(LONG / 3));
        texts.put("a very long word", "Donaudampfschifffahrtsgesellschaftskapitän".repeat(25));
        texts.put("emoji", "🙂👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽 ❤️");
        texts.put("combining marks", "e\u0301\u0323 Z\u0351\u036b\u0343 \u0301a" + "\u0300".repeat(100));
        texts.put("Chinese", "我们今天去北京，天气很好。日本語とひらがな、カタカナ");
        texts.put("Korean and Thai", "안녕하세요 세계 สวัสดีชาวโลก");
        texts.put("text from right to left", "שלום עולם مرحبا بالعالم \u202eabc\u202c");
        texts.put("letters that change their length", "İSTANBUL ẞ ŉ ﬁ ﷺ Ⅷ ½ Ａ");
        texts.put("control characters", "a\u0001\u0002\u0007\b\u000b\f\u001b[0m\u007f\u0085b");
        texts.put("null characters", "\u0000a\u0000\u0000b");
        texts.put("unassigned and private characters", "\ufeff\ufffd\ufffe\uffff\ue000\ud83f\udfff\udbff\udffd");
        texts.put("halves of surrogate pairs", "a\ud800b\udc00\udc00 \ud83d");
        texts.put("markup", "<s></s><|im_end|>[CLS][MASK]##ing ▁the Ġof {{ x }} {% y %} \\n &amp;");
        texts.put("an address", "https://example.com/a?b=c&d=%20#e user@example.com C:\\temp\\x.txt");
        return texts;
    }
}
