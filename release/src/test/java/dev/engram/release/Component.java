package dev.engram.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A component of a bill of materials.
 *
 * @param name group and artifact
 * @param version as it is pinned
 * @param licences any of which may be chosen
 */
record Component(String name, String version, List<String> licences) {

    /** Returns those that are not Engram's own, by name. */
    static List<Component> readAll(Path billOfMaterials) throws IOException {
        return elements(
                        JsonParser.parseString(Files.readString(billOfMaterials)).getAsJsonObject(),
                        "components")
                .map(Component::of)
                .filter(component -> !component.name.startsWith("dev.engram:"))
                .sorted(Comparator.comparing(Component::name))
                .toList();
    }

    private static Component of(JsonObject json) {
        String name = json.get("group").getAsString() + ":" + json.get("name").getAsString();
        List<String> licences = elements(json, "licenses").map(Component::licence).toList();
        return new Component(name, json.get("version").getAsString(), licences);
    }

    private static String licence(JsonObject json) {
        JsonElement expression = json.get("expression");
        if (expression != null) {
            return expression.getAsString();
        }
        JsonObject licence = json.getAsJsonObject("license");
        return licence.get(licence.has("id") ? "id" : "name").getAsString();
    }

    private static Stream<JsonObject> elements(JsonObject json, String key) {
        return json.has(key)
                ? StreamSupport.stream(json.getAsJsonArray(key).spliterator(), false)
                        .map(JsonElement::getAsJsonObject)
                : Stream.empty();
    }

    String row() {
        return "| %s | %s | %s |".formatted(name, version, String.join(" or ", licences));
    }
}
