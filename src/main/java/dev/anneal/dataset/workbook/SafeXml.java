package dev.anneal.dataset.workbook;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads the XML of a workbook, event by event. It has no DOCTYPE, so nothing outside it can be named. */
public final class SafeXml {
    private final XMLStreamReader reader;

    public SafeXml(InputStream in) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        // Decoded here, because the parser writes about invalid bytes to the log.
        BufferedReader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        try {
            text.mark(1);
            if (text.read() != '\uFEFF') {
                text.reset();
            }
            reader = factory.createXMLStreamReader(text);
        } catch (CharacterCodingException | XMLStreamException e) {
            throw invalid();
        }
    }

    /** Thrown when the XML is not valid. */
    public static final class Invalid extends IOException {
        public Invalid(String message) {
            super(message);
        }
    }

    /** Returns the next event, or END_DOCUMENT. */
    public int next() throws IOException {
        int event;
        try {
            event = reader.hasNext() ? reader.next() : XMLStreamConstants.END_DOCUMENT;
        } catch (XMLStreamException
                | IndexOutOfBoundsException
                | IllegalStateException
                | java.util.NoSuchElementException e) {
            throw invalid();
        }
        if (event == XMLStreamConstants.DTD || event == XMLStreamConstants.ENTITY_REFERENCE) {
            throw new Invalid("its XML has a DOCTYPE, which could name other files");
        }
        return event;
    }

    private static Invalid invalid() {
        return new Invalid("its XML is not valid");
    }

    public String name() {
        return reader.getLocalName();
    }

    public @Nullable String attribute(String name) {
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            if (reader.getAttributeLocalName(i).equals(name)) {
                return reader.getAttributeValue(i);
            }
        }
        return null;
    }

    /** Appends the text of an event, and returns the length of the whole. */
    int appendTo(StringBuilder text) {
        text.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
        return text.length();
    }
}
