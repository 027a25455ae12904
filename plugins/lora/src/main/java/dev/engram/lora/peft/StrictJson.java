package dev.engram.lora.peft;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON as the standard has it, of bounded size and depth, in which no key is there twice. */
final class StrictJson {

    private static final long MOST_BYTES = 4L << 20;
    private static final int DEEPEST = 32;

    private StrictJson() {}

    static JsonObject read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_BYTES) {
            throw new EngramException(
                    "%s has %s bytes; a configuration of up to %s is read"
                            .formatted(file, bytes, MOST_BYTES));
        }
        try (Reader text = Files.newBufferedReader(file);
                JsonReader json = new JsonReader(text)) {
            return document(json);
        } catch (IOException | IllegalStateException e) {
            throw new EngramException(
                    "%s is no valid JSON object: %s. Write or fetch it again."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static JsonObject document(JsonReader json) throws IOException {
        json.setStrictness(Strictness.STRICT);
        json.setNestingLimit(DEEPEST);
        JsonObject object = object(json);
        if (json.peek() != JsonToken.END_DOCUMENT) {
            throw new MalformedJsonException("there is more after its end");
        }
        return object;
    }

    private static JsonElement element(JsonReader json) throws IOException {
        return switch (json.peek()) {
            case BEGIN_OBJECT -> object(json);
            case BEGIN_ARRAY -> array(json);
            case STRING -> new JsonPrimitive(json.nextString());
            // The text is kept, so that what is written back is what was read.
            case NUMBER -> new JsonPrimitive(ToNumberPolicy.LAZILY_PARSED_NUMBER.readNumber(json));
            case BOOLEAN -> new JsonPrimitive(json.nextBoolean());
            case NULL -> nothing(json);
            default -> throw new MalformedJsonException("unexpected end at " + json.getPath());
        };
    }

    private static JsonElement nothing(JsonReader json) throws IOException {
        json.nextNull();
        return JsonNull.INSTANCE;
    }

    private static JsonArray array(JsonReader json) throws IOException {
        JsonArray array = new JsonArray();
        json.beginArray();
        while (json.hasNext()) {
            array.add(element(json));
        }
        json.endArray();
        return array;
    }

    private static JsonObject object(JsonReader json) throws IOException {
        JsonObject object = new JsonObject();
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            if (object.has(key)) {
                throw new MalformedJsonException("the key " + json.getPath() + " is there twice");
            }
            object.add(key, element(json));
        }
        json.endObject();
        return object;
    }
}
