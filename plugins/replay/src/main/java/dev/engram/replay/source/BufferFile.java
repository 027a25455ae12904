package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The samples of a buffer in the listener's memory directory: a text of keys and a tensor for each
 * array of each layout.
 */
final class BufferFile {

    private static final String SAMPLES = "samples";
    private static final String LAYOUT = "layout-";

    private final Ledger ledger;
    private final StoreQueue queue;

    BufferFile(Ledger ledger, StoreQueue queue) {
        this.ledger = ledger;
        this.queue = queue;
    }

    void save(MemoryWriter memory) {
        Map<Layout, List<SampleKey>> byLayout = new LinkedHashMap<>();
        for (SampleKey key : ledger.learnt()) {
            byLayout.computeIfAbsent(key.layout(), layout -> new ArrayList<>()).add(key);
        }
        memory.text("state", ledger.learntState());
        int number = 0;
        for (Map.Entry<Layout, List<SampleKey>> found : byLayout.entrySet()) {
            String name = LAYOUT + number++;
            memory.text(name, found.getKey().toString());
            memory.text(name + "-keys", lines(found.getValue()));
            long[] ids = found.getValue().stream().mapToLong(SampleKey::id).toArray();
            NDList arrays = StoreQueue.await(queue.read(ids, memory.manager()));
            for (int i = 0; i < arrays.size(); i++) {
                memory.tensor(SAMPLES, name + "." + i, arrays.get(i));
            }
        }
    }

    static void restore(MemoryReader memory, Ledger ledger, StoreQueue queue) {
        memory.text("state").ifPresent(ledger::resume);
        NDManager scope = memory.manager().newSubManager();
        Map<String, NDArray> tensors = memory.tensors(SAMPLES, scope);
        Map<Long, Long> numbers = numbers(memory, queue);
        List<SampleKey> all = new ArrayList<>();
        for (int number = 0; memory.text(LAYOUT + number).isPresent(); number++) {
            String name = LAYOUT + number;
            Layout layout = Layout.parse(memory.text(name).orElseThrow());
            List<SampleKey> keys =
                    keyLines(memory, name)
                            .map(words -> key(words, layout, numbers.getOrDefault(id(words), 0L)))
                            .toList();
            NDList arrays = new NDList();
            for (int i = 0; i < layout.parts().size(); i++) {
                NDArray array = tensors.get(name + "." + i);
                if (array == null) {
                    throw new EngramException("The memory has no samples " + name + "." + i);
                }
                array.setName(layout.parts().get(i).name());
                arrays.add(array);
            }
            all.addAll(keys);
            queue.apply(Change.of(List.of(), keys, arrays, ledger.state()), scope.newSubManager());
        }
        scope.close();
        // By age, as they came: the time to live looks at the oldest first.
        all.sort(Comparator.comparingLong(SampleKey::id));
        all.forEach(ledger::add);
    }

    /** Returns new ids for the old ones, in the same order, which tells the age of samples. */
    private static Map<Long, Long> numbers(MemoryReader memory, StoreQueue queue) {
        TreeSet<Long> old = new TreeSet<>();
        for (int number = 0; memory.text(LAYOUT + number).isPresent(); number++) {
            keyLines(memory, LAYOUT + number).map(BufferFile::id).forEach(old::add);
        }
        Map<Long, Long> numbers = new HashMap<>();
        old.forEach(id -> numbers.put(id, queue.nextId()));
        return numbers;
    }

    private static Stream<String[]> keyLines(MemoryReader memory, String layout) {
        return memory.text(layout + "-keys").orElse("").lines().map(line -> line.split(" ", -1));
    }

    private static long id(String[] words) {
        return Long.parseLong(words[0]);
    }

    private static String lines(List<SampleKey> keys) {
        return keys.stream().map(BufferFile::line).collect(Collectors.joining("\n"));
    }

    private static String line(SampleKey key) {
        return String.join(
                " ",
                Long.toString(key.id()),
                Long.toString(key.tag()),
                Long.toString(key.born()),
                encode(key.task()),
                encode(key.group()),
                key.subject());
    }

    private static SampleKey key(String[] words, Layout layout, long id) {
        return SampleKey.of(
                id,
                decode(words[3]),
                decode(words[4]),
                Long.parseLong(words[1]),
                words[5],
                Long.parseLong(words[2]),
                layout);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
