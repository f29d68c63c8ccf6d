import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipFile;

/**
 * Part of the build: adds to the bill of materials of a jar the libraries that other libraries carry within them, under names of their own,
 * as ND4J's do. Nothing resolves them, so that Maven does not know of them; but they brought their {@code pom.properties}.
 *
 * <p>Arguments: the jar, its bill of materials, and the class path that it was made of.
 */
public final class CarriedMaterials {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NOTE = "META-INF/maven/";

    public static void main(String[] arguments) throws IOException {
        var file = Path.of(arguments[1]).toFile();
        if (!file.exists()) {
            System.out.println("There is no " + file.getName() + ": Maven is offline");
            return;
        }
        var bill = (ObjectNode) JSON.readTree(file);
        var named = new TreeSet<String>();
        named.add(place(bill.at("/metadata/component")));
        bill.get("components").forEach(part -> named.add(place(part)));

        var carried = new TreeMap<String, Properties>();
        try (var jar = new ZipFile(arguments[0])) {
            for (var name : notes(jar)) {
                if (!named.contains(name)) {
                    carried.put(name, read(jar, name));
                }
            }
        }
        var components = (ArrayNode) bill.get("components");
        carried.values().forEach(library -> {
            var component = components.addObject();
            component.put("type", "library").put("bom-ref", reference(library));
            component.put("group", library.getProperty("groupId")).put("name", library.getProperty("artifactId"));
            component.put("version", library.getProperty("version")).put("scope", "required");
            component.put("purl", reference(library));
        });
        for (var part : arguments[2].split(java.io.File.pathSeparator)) {
            if (part.endsWith(".jar")) {
                dependencies(bill, Path.of(part), named, carried);
            }
        }
        JSON.writerWithDefaultPrettyPrinter().writeValue(file, bill);
        System.out.println(carried.size() + " libraries within others added to " + file.getName());
    }

    /** Says that what this jar is needs what it carries. */
    private static void dependencies(ObjectNode bill, Path path, Set<String> named, TreeMap<String, Properties> carried)
            throws IOException {
        try (var jar = new ZipFile(path.toFile())) {
            for (var carrier : bill.get("components")) {
                var own = carrier.get("name").asText() + "-" + carrier.get("version").asText() + ".jar";
                if (!path.endsWith(own) || !named.contains(place(carrier))) {
                    continue;
                }
                for (var name : notes(jar)) {
                    if (carried.containsKey(name)) {
                        needs(bill, carrier.get("bom-ref").asText(), reference(carried.get(name)));
                    }
                }
            }
        }
    }

    private static void needs(ObjectNode bill, String carrier, String library) {
        for (var entry : bill.get("dependencies")) {
            if (entry.get("ref").asText().equals(carrier)) {
                ((ObjectNode) entry).withArray("dependsOn").add(library);
            }
        }
    }

    private static Set<String> notes(ZipFile jar) {
        var notes = new TreeSet<String>();
        jar.stream()
                .map(entry -> entry.getName())
                .filter(name -> name.startsWith(NOTE) && name.endsWith("/pom.properties"))
                .forEach(notes::add);
        return notes;
    }

    private static Properties read(ZipFile jar, String name) throws IOException {
        var properties = new Properties();
        try (var in = jar.getInputStream(jar.getEntry(name))) {
            properties.load(in);
        }
        return properties;
    }

    private static String place(JsonNode component) {
        return NOTE + component.path("group").asText() + "/" + component.path("name").asText() + "/pom.properties";
    }

    private static String reference(Properties library) {
        return "pkg:maven/" + library.getProperty("groupId") + "/" + library.getProperty("artifactId") + "@"
                + library.getProperty("version") + "?type=jar";
    }
}
